import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { isStorageError, StorageError } from '@switchyard/storage-core';
import { realPath } from '../store-file/real-path.js';

/**
 * The reason why a file could not be opened or created if it is the folder, which SQLite does not say: a store with a
 * write-ahead log needs two files beside it even to be read. Null for any other reason.
 */
export function explainUnwritableFolder(error: unknown, location: string): StorageError | null {
  if (!isStorageError(error, 'STORAGE_PERMISSION_DENIED')) return null;
  const file = realPath(location);
  const folder = dirname(file);
  if (isWritable(folder)) return null;
  const { backend, outcome, cause } = error;
  if (!existsSync(file)) {
    return new StorageError(
      'STORAGE_PERMISSION_DENIED',
      `${location} cannot be created: this user may not write to the folder ${folder}.`,
      { backend, outcome, cause, advice: 'Let this user write to the folder, or choose another one.' },
    );
  }
  return new StorageError(
    'STORAGE_PERMISSION_DENIED',
    `${location} cannot be read: with a write-ahead log, SQLite needs the files ${location}-wal and ${location}-shm, and ` +
      `this user may not create files in ${folder}.`,
    {
      backend,
      outcome,
      cause,
      advice: 'Let this user write to the folder, or copy the store to a folder where it may.',
    },
  );
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
