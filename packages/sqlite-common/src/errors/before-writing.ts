import { isStorageError } from '@switchyard/storage-core';

/** Runs work at the beginning of a write, such as reads, and adds the outcome `not-applied` to its errors. */
export function beforeWriting<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw notApplied(error);
  }
}

/** Throws {@link notApplied} of an error; for `catch()` of a promise. */
export function throwNotApplied(error: unknown): never {
  throw notApplied(error);
}

/** Returns an error of a write that had not begun; one that states an outcome keeps it. */
export function notApplied(error: unknown): unknown {
  return isStorageError(error) && error.outcome === undefined
    ? error.with({ outcome: 'not-applied' })
    : error;
}
