import { accessSync, constants, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { connect } from '@switchyard/backend-libsql/bulk';
import {
  detectStoreKind,
  identifyStore,
  LIBSQL_MARKER_TABLE,
  realPath,
  requireKind,
  requireNoReplica,
  requireSafeIds,
  type SqliteDriver,
  text,
} from '@switchyard/sqlite-common';
import { StorageError } from '@switchyard/storage-core';
import { BACKEND_NAME } from '../backend-name.js';
import { quoteText } from '../quote.js';

/** Oldest and newest level that can be converted. */
export const OLDEST_LEVEL = 9;
/** See {@link OLDEST_LEVEL}. */
export const LATEST_LEVEL = 14;

const TABLES = `
  SELECT ${text('sqlite_master.name')} FROM legacy.sqlite_master WHERE type = 'table'`;

const STEPS = `
  SELECT ${text('_schema_migrations.id')} FROM legacy._schema_migrations`;

/**
 * Opens a connection on which the legacy store at a path is the schema `legacy` and cannot be written: SQLite itself
 * refuses, whatever the statement. Content that a killed process left in the WAL is read, and left there.
 *
 * @param main File of the schema `main` of the connection, or null for memory.
 * @throws StorageError `STORAGE_NOT_FOUND`, `STORAGE_SCHEMA_UNSUPPORTED`, `STORAGE_SCHEMA_TOO_NEW`.
 */
export async function attachLegacy(path: string, main: string | null): Promise<SqliteDriver> {
  const file = realPath(path);
  await requireLegacyFile(file, path);
  const driver = connect({
    file: main === null ? null : resolve(main),
    location: path,
    busyTimeoutMs: 5000,
    begin: `ATTACH ${quoteText(readOnlyUri(file))} AS legacy`,
    illFormedText: 'replace',
    reconnects: false,
  });
  try {
    requireLegacy(driver, path);
    return driver;
  } catch (error) {
    driver.close();
    throw error;
  }
}

/** Schema level of an attached legacy store. */
export function readLevel(driver: SqliteDriver): number {
  return highestLevel(driver.all<{ id: unknown }>(STEPS).map(({ id }) => id));
}

function highestLevel(steps: readonly unknown[]): number {
  const levels = steps
    .map((id) => (typeof id === 'string' ? /^(\d+)-/.exec(id)?.[1] : undefined))
    .filter((digits) => digits !== undefined);
  return Math.max(-1, ...levels.map(Number));
}

/** SQLite opens such a file without write permission. `immutable` is for folders in which it may not lock either. */
function readOnlyUri(file: string): string {
  const uri = `${pathToFileURL(file).href.replaceAll('?', '%3f')}?mode=ro`;
  const hasLog = (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
  return hasLog || isWritable(dirname(file)) ? uri : `${uri}&immutable=1`;
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false; // a folder without write permission, or on a read-only file system
  }
}

/** Inspects the bytes, so that a refused file is not even opened. */
async function requireLegacyFile(file: string, path: string): Promise<void> {
  requireNoReplica(file, { backend: BACKEND_NAME, location: path });
  const { kind, level, hotJournal } = await detectStoreKind(file, { backend: BACKEND_NAME, mustExist: true });
  if (kind === 'empty') throw unsupported(`${path} is empty: there is nothing to convert.`);
  if (kind === 'switchyard-libsql' || kind === 'foreign')
    requireKind(kind, 'legacy', { backend: BACKEND_NAME, location: path });
  if (kind === 'unknown' || kind === 'absent' || hotJournal) {
    throw unsupported(
      `${path} was left in the middle of a write, or is being written at this moment. Open it once with the ` +
        'application that wrote it, close it, and try again.',
    );
  }
  requireKind(kind, 'legacy', { backend: BACKEND_NAME, location: path });
  if (level !== null) requireConvertible(level, path);
}

function requireLegacy(driver: SqliteDriver, path: string): void {
  const names = driver.all<{ name: string }>(TABLES).map(({ name }) => name);
  if (identifyStore(names) !== 'legacy') {
    const marker = names.includes(LIBSQL_MARKER_TABLE)
      ? 'a store of the libsql backend'
      : 'not a legacy store';
    throw unsupported(`${path} is ${marker}.`);
  }
  requireConvertible(readLevel(driver), path);
  requireSafeIds(driver, { backend: BACKEND_NAME, location: path, schema: 'legacy' });
}

/** @throws StorageError `STORAGE_SCHEMA_TOO_NEW`, `STORAGE_SCHEMA_UNSUPPORTED`. */
function requireConvertible(level: number, path: string): void {
  if (level > LATEST_LEVEL) {
    throw new StorageError(
      'STORAGE_SCHEMA_TOO_NEW',
      `${path} has schema level ${level}; this version of Switchyard converts levels ${OLDEST_LEVEL} to ` +
        `${LATEST_LEVEL}. Upgrade Switchyard. Nothing was changed.`,
      { backend: BACKEND_NAME, details: { level, oldest: OLDEST_LEVEL, latest: LATEST_LEVEL } },
    );
  }
  if (level < OLDEST_LEVEL) throw tooOld(level, path);
}

function tooOld(level: number, path: string): StorageError {
  return new StorageError(
    'STORAGE_SCHEMA_UNSUPPORTED',
    `${path} has schema level ${level}; levels ${OLDEST_LEVEL} to ${LATEST_LEVEL} can be converted. Open it once ` +
      'with a current release of the application that wrote it, which brings it up to date, then try again. ' +
      'Nothing was changed.',
    { backend: BACKEND_NAME, details: { level, oldest: OLDEST_LEVEL, latest: LATEST_LEVEL } },
  );
}

function unsupported(message: string): StorageError {
  return new StorageError('STORAGE_SCHEMA_UNSUPPORTED', `${message} Nothing was changed.`, {
    backend: BACKEND_NAME,
  });
}
