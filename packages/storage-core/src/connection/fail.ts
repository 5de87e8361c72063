import { StorageError } from '../errors/storage-error.js';

/** Rejects a connection string. The message must not repeat anything that could be a secret. */
export function fail(message: string): never {
  throw new StorageError('STORAGE_CONNECTION_STRING', message);
}
