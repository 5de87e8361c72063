import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { isStorageError, StorageError } from '@switchyard/storage-core';

/** Errors of the operating system that say that a limit of open files or processes is reached. */
const LIMITS: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE', 'EAGAIN']);

/** The error for a limit of the operating system; null for any other error. */
export function tooManyFiles(error: unknown, location: string | undefined): StorageError | null {
  const { code, message } = (error ?? {}) as NodeJS.ErrnoException;
  if (!LIMITS.has(code)) return null;
  const place = location === undefined ? '' : ` (${location})`;
  return new StorageError(
    'STORAGE_TOO_MANY_FILES',
    `This process or system cannot open any more files or processes${place}: ${message}. Close stores that are not used ` +
      'any more, or raise the limit (ulimit -n), and try again.',
    { outcome: 'not-applied', cause: error },
  );
}

/** Descriptors that SQLite needs for a file: the database, its log and the index of the log; one to spare. */
const NEEDED = 4;

/**
 * The same error with its true reason: SQLite says only that a file cannot be opened when no descriptor is left.
 *
 * @param error What opening a database threw.
 */
export function explainCannotOpen(error: unknown, location: string): unknown {
  // The binding of libSQL may not even start its threads then, which it calls a fault of its own.
  if (!isStorageError(error, 'STORAGE_PERMISSION_DENIED') && !isStorageError(error, 'STORAGE_INTERNAL'))
    return error;
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
