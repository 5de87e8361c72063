import { StorageError, type Timestamp } from '@switchyard/storage-core';

/** The present moment as SQL's CURRENT_TIMESTAMP writes it. */
export function now(): Timestamp {
  return new Date().toISOString().slice(0, 19).replace('T', ' ');
}

/** What a JSON column would hold of a value: a copy that no caller can reach, without the undefined members. */
export function plainCopy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** @throws StorageError `STORAGE_CONSTRAINT` */
export function clash(message: string): never {
  throw new StorageError('STORAGE_CONSTRAINT', message, { backend: 'memory', outcome: 'not-applied' });
}
