import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { isStorageError, StorageError } from '@switchyard/storage-core';
import { explainUnwritableFolder } from './unwritable-folder.js';

/** Operating system errors for reached limits of open files or processes. */
const LIMITS: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE', 'EAGAIN']);

/** Returns the error for a limit of the operating system; null for any other error. */
export function tooManyFiles(error: unknown, location: string | undefined): StorageError | null {
  const { code, message } = (error ?? {}) as NodeJS.ErrnoException;
  if (!LIMITS.has(code)) return null;
  const place = location === undefined ? '' : ` (${location})`;
  return new StorageError(
    'STORAGE_TOO_MANY_FILES',
    `This process or system cannot open any more files or processes${place}: ${message}. Close unused stores, ` +
      'or raise the limit (ulimit -n), and try again.',
    { outcome: 'not-applied', cause: error },
  );
}

/** Descriptors that SQLite needs per file: the database, its WAL and the WAL index; one to spare. */
const NEEDED = 4;

/**
 * Replaces the error by its actual cause: SQLite only reports that a file cannot be opened if no descriptor is free, or if
 * the files that it needs cannot be created in the folder.
 *
 * @param error Error thrown by opening a database.
 */
export function explainCannotOpen(error: unknown, location: string): unknown {
  // The libSQL binding may then fail to start its threads, which it reports as an internal error.
  if (!isStorageError(error, 'STORAGE_PERMISSION_DENIED') && !isStorageError(error, 'STORAGE_INTERNAL'))
    return error;
  const unwritable = explainUnwritableFolder(error, location);
  if (unwritable !== null) return unwritable;
  const opened: number[] = [];
  try {
    while (opened.length < NEEDED) opened.push(openSync(devNull, 'r'));
    return error;
  } catch (cause) {
    return tooManyFiles(cause, location)?.with({ backend: error.backend }) ?? error;
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}
