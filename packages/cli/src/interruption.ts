import { isStorageError } from '@switchyard/storage-core';
import { CliError } from './cli-error.js';
import { exitCodes } from './exit-codes.js';
import type { ReportedProgress } from './output/progress.js';

/** Advice after an interrupted command, by its name. */
const resumption: Readonly<Record<string, string>> = {
  index: 'Pages already written are kept. Run the same command again to index the rest.',
  copy: 'Everything already copied is kept. Run the same command again to copy the rest.',
  convert: 'The legacy store is unchanged. Run the same command again to resume.',
  evaluate: 'No store was changed. Run the same command again to evaluate from the beginning.',
  compare: 'No store was changed. Run the same command again to compare from the beginning.',
  verify: 'Neither store was changed. Run the same command again to compare from the beginning.',
  reembed:
    'New vectors are kept beside those in use. Run the same command again to resume, or `switchyard reembed STORE --abort` to discard them.',
  optimize:
    'Everything already merged is kept, and results do not change. Run the same command again to finish.',
  check: 'The store is unchanged or partly repaired. Run the same command again.',
  migrate: 'The store is intact, at its old schema level or at the new one. Run the same command again.',
  'ann-index': 'The store is searched as before. Run the same command again to finish.',
  remove: 'What was removed stays removed. Run the same command again to remove the rest.',
  search: 'Printed results are complete. Nothing was changed.',
};

const RESUMPTION_OF_OTHERS = 'No partial state remains. Run the same command again.';

/** State of a command that was ended by a signal. */
export interface Interrupted {
  readonly command: string | undefined;
  /** True if it had done all its work before it noticed the signal. */
  readonly finished: boolean;
  /** Last progress shown; null if there was none. */
  readonly progress: ReportedProgress | null;
}

/** Reports how far an interrupted command got, and how to continue. */
export function interruptedError({ command = '', finished, progress }: Interrupted): CliError {
  if (finished) {
    return new CliError(
      'CLI_INTERRUPTED',
      'The signal arrived after the command had finished its work.',
      'There is nothing to do.',
    );
  }
  const reached = progress === null ? '' : ` at ${progress.done} of ${progress.total} ${progress.unit}`;
  return new CliError(
    'CLI_INTERRUPTED',
    `The command was interrupted${reached}.`,
    resumption[command] ?? RESUMPTION_OF_OTHERS,
  );
}

/** Exit code for a signal; 0 when the reader of stdout went away. */
export function exitCodeAfter(signal: AbortSignal): number {
  return typeof signal.reason === 'number' ? signal.reason : exitCodes.interrupted;
}

/** Returns true if an error only reports that the signal was received. */
export function isConsequenceOf(signal: AbortSignal, error: unknown): boolean {
  for (let link = error; link !== undefined && link !== null; ) {
    if (link === signal.reason || isStorageError(link, 'STORAGE_ABORTED')) return true;
    if (!(link instanceof Error)) return false;
    if (link.name === 'AbortError') return true;
    link = link.cause;
  }
  return false;
}
