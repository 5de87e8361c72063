import { isStorageError, StorageError, type StorageErrorOptions } from '../errors/storage-error.js';

/**
 * Error of a call that had already completed some of its writes: the failed write may not have been applied, but the
 * call as a whole was applied in part.
 *
 * @param done Counts of what was written, for the details of the error.
 * @param note The same as a sentence, for its message.
 */
export function afterPartialWrite(
  error: unknown,
  done: NonNullable<StorageErrorOptions['details']>,
  note: string,
): unknown {
  if (!isStorageError(error)) return error;
  const { code, message, backend, retryable, advice, details, cause } = error;
  return new StorageError(code, `${message} ${note}`, {
    backend,
    retryable,
    outcome: 'unknown',
    advice,
    details: { ...details, ...done },
    cause,
  });
}
