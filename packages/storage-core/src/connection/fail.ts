import { StorageError, type StorageErrorOptions } from '../errors/storage-error.js';

/** Rejects a connection string. The message must not repeat anything that could be a secret. */
export function fail(message: string, details?: StorageErrorOptions['details']): never {
  throw new StorageError('STORAGE_CONNECTION_STRING', message, { details });
}
