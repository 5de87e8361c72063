import { accessSync, closeSync, constants, openSync, readSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { StorageError } from '@switchyard/storage-core';
import { identifyStore, type StoreKind } from './identify.js';
import { readTableNames } from './schema-names.js';

/** What {@link examineStoreFile} needs to know. */
export interface StoreFileOptions {
  /** Name of the backend, for errors. */
  readonly backend: string;
  /** Whether a file that does not exist, or holds nothing yet, is an error. */
  readonly mustExist: boolean;
}

/** What {@link examineStoreFile} found: `unknown` when only SQLite can tell. */
export type StoreFileKind = StoreKind | 'absent' | 'unknown';

/**
 * Looks at the path of a store before anything opens it, and changes nothing.
 *
 * A file that SQLite would first have to repair from a rollback journal, and one that is being written at this moment,
 * are `unknown`: ask them by SQL.
 *
 * @throws StorageError `STORAGE_NOT_FOUND` for a missing or empty file that must exist and for a missing folder;
 * `STORAGE_SCHEMA_UNSUPPORTED` for what is no database file; `STORAGE_PERMISSION_DENIED`.
 */
export function examineStoreFile(path: string, { backend, mustExist }: StoreFileOptions): StoreFileKind {
  const fail = (
    code: ConstructorParameters<typeof StorageError>[0],
    message: string,
    cause?: unknown,
  ): never => {
    throw new StorageError(code, message, { backend, cause });
  };
  const stats = statOrNull(path, fail);
  if (stats === null) {
    if (mustExist) fail('STORAGE_NOT_FOUND', `There is no store at ${path}.`);
    checkFolder(path, fail);
    return 'absent';
  }
  if (stats.isDirectory()) {
    fail('STORAGE_SCHEMA_UNSUPPORTED', `${path} is a folder: give the path of a file in it.`);
  }
  try {
    accessSync(path, constants.R_OK);
  } catch (cause) {
    fail('STORAGE_PERMISSION_DENIED', `${path} cannot be read by this user.`, cause);
  }
  if (stats.size > 0 && !hasSqliteHeader(path)) {
    fail(
      'STORAGE_SCHEMA_UNSUPPORTED',
      `${path} is not a database: give the path of a store or of a new file.`,
    );
  }
  if (hasRollbackJournal(path)) return 'unknown';
  const names = stats.size === 0 ? [] : readTableNames(path);
  if (names === undefined) return 'unknown';
  const kind = identifyStore(names);
  if (kind === 'empty' && mustExist)
    fail('STORAGE_NOT_FOUND', `${path} is empty: there is no store in it yet.`);
  return kind;
}

type Fail = (code: ConstructorParameters<typeof StorageError>[0], message: string, cause?: unknown) => never;

function statOrNull(path: string, fail: Fail): Stats | null {
  try {
    return statSync(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    if (code === 'ENOTDIR')
      return fail('STORAGE_NOT_FOUND', `A folder on the way to ${path} is a file.`, cause);
    return fail('STORAGE_PERMISSION_DENIED', `${path} cannot be looked at.`, cause);
  }
}

/** Folders are not made: a misspelt path should not leave a trail of them. */
function checkFolder(path: string, fail: Fail): void {
  const folder = dirname(path);
  const stats = statOrNull(folder, fail);
  if (stats === null)
    fail('STORAGE_NOT_FOUND', `There is no folder ${folder} to make the store in: create it first.`);
  else if (!stats.isDirectory()) fail('STORAGE_NOT_FOUND', `${folder} is a file, not a folder.`);
}

const MAGIC = 'SQLite format 3\0';

function hasSqliteHeader(path: string): boolean {
  const bytes = Buffer.alloc(MAGIC.length);
  const file = openSync(path, 'r');
  try {
    return readSync(file, bytes, 0, bytes.length, 0) === bytes.length && bytes.toString('latin1') === MAGIC;
  } finally {
    closeSync(file);
  }
}

/**
 * Whether SQLite would roll the file back when it opens it. Until a journal is complete on the disk it begins with zeros,
 * and nothing of the transaction is in the file yet: SQLite leaves such a journal alone. See "Hot Rollback Journals" in
 * the description of its locking.
 */
function hasRollbackJournal(path: string): boolean {
  let file: number;
  try {
    file = openSync(`${path}-journal`, 'r');
  } catch (error) {
    // Also when it goes at this moment, with the transaction that it belonged to.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  try {
    const bytes = Buffer.alloc(1);
    return readSync(file, bytes, 0, 1, 0) === 1 && bytes[0] !== 0;
  } finally {
    closeSync(file);
  }
}
