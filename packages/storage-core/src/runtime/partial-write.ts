import { isStorageError, type StorageErrorOptions } from '../errors/storage-error.js';

/**
 * The error of a call that makes several writes and had made some: the failed write may not have been applied, but the
 * call as a whole was in part.
 *
 * @param done What was written, for the details of the error.
 */
export function afterPartialWrite(
  error: unknown,
  done: NonNullable<StorageErrorOptions['details']>,
): unknown {
  if (!isStorageError(error)) return error;
  return error.with({ outcome: 'unknown', details: { ...error.details, ...done } });
}
