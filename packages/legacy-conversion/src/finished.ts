import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Fingerprint } from './source/fingerprint.js';
import type { ConversionResult } from './types.js';

/** What a conversion leaves in its workspace when the store is finished and has only to get its name. */
export interface Finished
  extends Omit<ConversionResult, 'alreadyConverted' | 'resumed' | 'target' | 'legacy'> {
  readonly fingerprint: Fingerprint;
}

/** What is said of a conversion that left nothing but its store. */
export const nothingKnown = {
  level: null,
  profile: null,
  counts: null,
  problemCounts: {},
  report: null,
  verification: null,
  seconds: { convert: 0, verify: 0 },
} as const satisfies Omit<Finished, 'fingerprint'>;

/** What {@link writeFinished} wrote; null without it. */
export function readFinished(file: string): Finished | null {
  if (!existsSync(file)) return null;
  return JSON.parse(readFileSync(file, 'utf8')) as Finished;
}

/** Says that the store in the workspace is finished. */
export function writeFinished(file: string, finished: Finished): void {
  writeFileSync(file, JSON.stringify(finished));
}
