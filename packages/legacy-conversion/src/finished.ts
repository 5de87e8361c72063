import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Fingerprint } from './source/fingerprint.js';
import type { ConversionResult } from './types.js';

/** Record in the workspace of a finished store that only has to be renamed. */
export interface Finished
  extends Omit<ConversionResult, 'alreadyConverted' | 'resumed' | 'target' | 'legacy'> {
  readonly fingerprint: Fingerprint;
}

/** Record of a conversion that left nothing but its store. */
export const nothingKnown = {
  level: null,
  profile: null,
  counts: null,
  problemCounts: {},
  report: null,
  verification: null,
  seconds: { convert: 0, verify: 0 },
} as const satisfies Omit<Finished, 'fingerprint'>;

/** Reads the record of {@link writeFinished}; null without one. */
export function readFinished(file: string): Finished | null {
  if (!existsSync(file)) return null;
  return JSON.parse(readFileSync(file, 'utf8')) as Finished;
}

/** Records that the store in the workspace is finished. */
export function writeFinished(file: string, finished: Finished): void {
  writeFileSync(file, JSON.stringify(finished));
}
