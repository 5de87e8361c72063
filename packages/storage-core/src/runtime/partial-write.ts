import { isStorageError, type StorageErrorOptions } from '../errors/storage-error.js';

/**
 * Error of a call that had already completed some of its writes: the failed write may not have been applied, but the
 * call as a whole was applied in part.
 *
 * @param done Counts of what was written, for the details of the error.
 */
export function afterPartialWrite(
  error: unknown,
  done: NonNullable<StorageErrorOptions['details']>,
): unknown {
  if (!isStorageError(error)) return error;
  return error.with({ outcome: 'unknown', details: { ...error.details, ...done } });
}
