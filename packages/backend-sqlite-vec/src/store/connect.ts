import { resolve } from 'node:path';
import {
  explainCannotOpen,
  openStoreFile,
  type StoreFile,
  toStorageError,
  withDamageNamed,
} from '@switchyard/sqlite-common';
import { StorageError } from '@switchyard/storage-core';
import Database from 'better-sqlite3';
import * as sqliteVec from 'sqlite-vec';
import { BACKEND_NAME } from '../capabilities.js';
import { BetterSqlite3Driver } from '../driver/better-sqlite3-driver.js';
import { checkConnection, checkFile } from './check-store.js';

/** Connection options of a store. */
export interface ConnectOptions {
  /** Null for a store in memory. */
  readonly path: string | null;
  readonly busyTimeoutMs: number;
  readonly mustExist: boolean;
}

/**
 * Opens a connection to a store of any level that can be used, or to nothing yet. Changes nothing in the file.
 *
 * @throws StorageError when the file is not one of this backend.
 */
export async function connect({
  path,
  busyTimeoutMs,
  mustExist,
}: ConnectOptions): Promise<BetterSqlite3Driver> {
  const file = path === null ? null : resolve(path);
  if (file !== null) await checkFile(file, mustExist);
  const { database, storeFile } = open(file, busyTimeoutMs);
  const driver = new BetterSqlite3Driver(
    database,
    (error) =>
      withDamageNamed(
        toStorageError(error, { backend: BACKEND_NAME, ...(file === null ? {} : { location: file }) }),
      ),
    storeFile,
  );
  try {
    if (file !== null) checkConnection(driver, file);
    loadVectorExtension(database);
    driver.exec('PRAGMA foreign_keys = ON');
    return driver;
  } catch (error) {
    driver.close();
    throw error;
  }
}

/** Makes a connection to a new store in memory. */
export function connectToMemory(): BetterSqlite3Driver {
  const { database } = open(null, 0);
  const driver = new BetterSqlite3Driver(
    database,
    (error) => toStorageError(error, { backend: BACKEND_NAME }),
    null,
  );
  loadVectorExtension(database);
  driver.exec('PRAGMA foreign_keys = ON');
  return driver;
}

function open(
  file: string | null,
  busyTimeoutMs: number,
): { readonly database: Database.Database; readonly storeFile: StoreFile | null } {
  if (file === null) return { database: load(':memory:', busyTimeoutMs), storeFile: null };
  try {
    const opened = openStoreFile(file, BACKEND_NAME, () => load(file, busyTimeoutMs));
    return { database: opened.connection, storeFile: opened.file };
  } catch (error) {
    throw explainCannotOpen(error, file);
  }
}

function load(file: string, timeout: number): Database.Database {
  try {
    return new Database(file, { timeout });
  } catch (cause) {
    if (isNativeLoadFailure(cause)) {
      throw new StorageError(
        'STORAGE_NOT_SUPPORTED',
        `better-sqlite3 does not load on Node ${process.versions.node}: it was installed for another version or system. Install it again (npm rebuild better-sqlite3), or use version 13 on Node 22 and later. ${cause.message}`,
        { backend: BACKEND_NAME, cause },
      );
    }
    throw toStorageError(cause, { backend: BACKEND_NAME, location: file });
  }
}

function isNativeLoadFailure(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? error.code : undefined;
  return (
    code === 'ERR_DLOPEN_FAILED' ||
    code === 'MODULE_NOT_FOUND' ||
    /Could not locate the bindings file/.test(error.message)
  );
}

function loadVectorExtension(database: Database.Database): void {
  try {
    sqliteVec.load(database);
  } catch (cause) {
    throw new StorageError(
      'STORAGE_NOT_SUPPORTED',
      `sqlite-vec does not load on ${process.platform}-${process.arch}: its binary comes as an optional dependency; install without --omit=optional. ${cause instanceof Error ? cause.message : ''}`,
      { backend: BACKEND_NAME, cause },
    );
  }
}
