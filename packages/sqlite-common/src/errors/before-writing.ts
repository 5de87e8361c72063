import { isStorageError } from '@switchyard/storage-core';

/** Runs what a write begins with: nothing was written yet, which the error of a read alone does not say. */
export function beforeWriting<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw notApplied(error);
  }
}

/** The same for `catch()` of a promise. */
export function throwNotApplied(error: unknown): never {
  throw notApplied(error);
}

/** Returns an error of a write that had not begun; one that states an outcome keeps it. */
export function notApplied(error: unknown): unknown {
  return isStorageError(error) && error.outcome === undefined
    ? error.with({ outcome: 'not-applied' })
    : error;
}
