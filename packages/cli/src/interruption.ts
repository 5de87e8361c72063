import { isStorageError } from '@switchyard/storage-core';
import { CliError } from './cli-error.js';
import { exitCodes } from './exit-codes.js';
import type { ReportedProgress } from './output/progress.js';

/** What to do after a command was interrupted, by its name. */
const resumption: Readonly<Record<string, string>> = {
  index: 'Pages that were written stay. Run the same command again to index the rest.',
  copy: 'What was copied stays. Run the same command again to copy the rest.',
  convert: 'The legacy store is unchanged. Run the same command again to resume.',
  verify: 'Neither store was changed. Run the same command again to compare from the beginning.',
  reembed:
    'New vectors are kept beside those in use. Run the same command again to resume, or `switchyard reembed STORE --abort` to discard them.',
  optimize: 'What was merged stays, and no answer changes. Run the same command again to finish.',
  check: 'The store is as it was, or repaired in part. Run the same command again.',
  migrate: 'The store has the level it had. Run the same command again.',
  'ann-index': 'The store is searched as before. Run the same command again to finish.',
  search: 'Answers that were printed are complete. Nothing was changed.',
};

const RESUMPTION_OF_OTHERS = 'Nothing is left half done. Run the same command again.';

/** How a command ended after a signal. */
export interface Interrupted {
  readonly command: string | undefined;
  /** Whether it had done all its work before it noticed. */
  readonly finished: boolean;
  /** The last progress it showed; null when it showed none. */
  readonly progress: ReportedProgress | null;
}

/** Says how far an interrupted command came, and how to go on. */
export function interruptedError({ command = '', finished, progress }: Interrupted): CliError {
  if (finished) {
    return new CliError(
      'CLI_INTERRUPTED',
      'The signal came when the command had done its work.',
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

/** The exit code that the signal asks for; 0 when the reader of stdout went away. */
export function exitCodeAfter(signal: AbortSignal): number {
  return typeof signal.reason === 'number' ? signal.reason : exitCodes.interrupted;
}

/** Whether an error says no more than that the signal was heard. */
export function isConsequenceOf(signal: AbortSignal, error: unknown): boolean {
  for (let link = error; link !== undefined && link !== null; ) {
    if (link === signal.reason || isStorageError(link, 'STORAGE_ABORTED')) return true;
    if (!(link instanceof Error)) return false;
    if (link.name === 'AbortError') return true;
    link = link.cause;
  }
  return false;
}
