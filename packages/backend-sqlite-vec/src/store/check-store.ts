import {
  detectStoreKind,
  identifyStore,
  requireKind,
  requireNoReplica,
  requireSafeIds,
  requireUtf8,
  type SqliteDriver,
  type StoreKind,
  TABLE_NAMES,
} from '@switchyard/sqlite-common';
import { StorageError } from '@switchyard/storage-core';
import { BACKEND_NAME } from '../capabilities.js';
import { LATEST_LEVEL, OLDEST_LEVEL } from '../schema/levels.js';
import { readLevel } from '../schema/migrate.js';

/**
 * Checks that this backend may open a file, without opening it as a database: a refused file is not changed by a byte,
 * and no file appears next to it.
 *
 * @returns False if the file does not exist.
 * @throws StorageError if the file is refused.
 */
export async function checkFile(path: string, mustExist: boolean): Promise<boolean> {
  requireNoReplica(path, { backend: BACKEND_NAME, location: path });
  const { kind, level } = await detectStoreKind(path, { backend: BACKEND_NAME, mustExist });
  if (kind === 'absent') return false;
  if (kind === 'unknown') return true;
  checkKind(kind, path);
  if (kind === 'legacy') checkLevel(level, path);
  return true;
}

/**
 * Checks a connection for what {@link checkFile} could not see: a file that had to be recovered first, or that was
 * being written at that moment.
 */
export function checkConnection(driver: SqliteDriver, path: string): void {
  requireUtf8(driver, path, BACKEND_NAME);
  checkKind(identifyStore(driver.all<{ name: string }>(TABLE_NAMES).map(({ name }) => name)), path);
  const level = readLevel(driver);
  checkLevel(level, path);
  if (level !== null) requireSafeIds(driver, { backend: BACKEND_NAME, location: path });
}

function checkKind(kind: StoreKind, location: string): void {
  requireKind(kind, 'legacy', { backend: BACKEND_NAME, location });
}

/** @throws StorageError for a level that this backend cannot read. */
export function checkLevel(level: number | null, path: string): void {
  if (level === null || (level >= OLDEST_LEVEL && level <= LATEST_LEVEL)) return;
  const facts = { backend: BACKEND_NAME, details: { level, oldest: OLDEST_LEVEL, latest: LATEST_LEVEL } };
  if (level > LATEST_LEVEL) {
    throw new StorageError(
      'STORAGE_SCHEMA_TOO_NEW',
      `${path} has schema level ${level}; this backend knows levels up to ${LATEST_LEVEL}. Upgrade Switchyard. Nothing was changed.`,
      facts,
    );
  }
  throw new StorageError(
    'STORAGE_SCHEMA_UNSUPPORTED',
    `${path} has schema level ${level}; this backend opens levels ${OLDEST_LEVEL} to ${LATEST_LEVEL}. Open it once with a current release of the application that wrote it, which brings it to level ${LATEST_LEVEL}, then try again. Nothing was changed.`,
    facts,
  );
}
