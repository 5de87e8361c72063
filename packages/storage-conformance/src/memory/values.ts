import { StorageError } from '@switchyard/storage-core';

/** Copies a value as a JSON column would store it: without undefined members, and out of the caller's reach. */
export function plainCopy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** Rejects a conflicting write. @throws StorageError `STORAGE_CONSTRAINT` */
export function clash(message: string): never {
  throw new StorageError('STORAGE_CONSTRAINT', message, { backend: 'memory', outcome: 'not-applied' });
}
