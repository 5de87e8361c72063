import { existsSync } from 'node:fs';
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
import { requireLoadableDriver } from './driver-version.js';

/** Connection options of a store. */
export interface ConnectOptions {
  /** Null for a store in memory. */
  readonly path: string | null;
  readonly busyTimeoutMs: number;
  readonly mustExist: boolean;
}

/** The connection of an open store. */
export interface StoreConnection {
  /** While there is no file, its connection is to an empty database in memory, which must not be written to. */
  readonly driver: BetterSqlite3Driver;
  /**
   * Connects to the file once it exists, whoever created it; must be called before each call, outside of transactions.
   * Returns null if there is nothing to do.
   *
   * @param create Creates a file that does not exist.
   * @throws StorageError as {@link connect} does.
   */
  attach(create: boolean): Promise<void> | null;
}

/**
 * Opens a connection to an empty database or to a store of any supported level. A file that does not exist is only
 * created by {@link StoreConnection.attach}. Changes nothing in the file.
 *
 * @throws StorageError if the file does not belong to this backend.
 */
export async function connect({ path, busyTimeoutMs, mustExist }: ConnectOptions): Promise<StoreConnection> {
  if (path === null) return { driver: connectToMemory(), attach: () => null };
  const file = resolve(path);
  const exists = await checkFile(file, mustExist);
  const standIn = load(':memory:', busyTimeoutMs);
  const driver = new BetterSqlite3Driver(standIn, (error) =>
    withDamageNamed(toStorageError(error, { backend: BACKEND_NAME, location: file })),
  );
  if (exists) attachFile(driver, file, busyTimeoutMs);
  else loadVectorExtension(standIn); // what cannot be loaded is found out before a file is created
  let isAttached = exists;
  let last: Promise<void> = Promise.resolve();
  const attachNow = async (create: boolean) => {
    if (isAttached) return;
    const found = await checkFile(file, false);
    if (!found && !create) return;
    attachFile(driver, file, busyTimeoutMs);
    isAttached = true;
  };
  return {
    driver,
    attach(create) {
      if (isAttached || (!create && !existsSync(file))) return null;
      const attached = last.then(() => attachNow(create)); // one after the other
      last = attached.catch(() => undefined); // told to its caller
      return attached;
    },
  };
}

/** Connects a driver to a file that was checked. Afterwards, or after an error, nothing else is open. */
function attachFile(driver: BetterSqlite3Driver, file: string, busyTimeoutMs: number): void {
  const { database, storeFile } = open(file, busyTimeoutMs);
  driver.switchTo(database, storeFile);
  try {
    checkConnection(driver, file);
    loadVectorExtension(database);
    driver.exec('PRAGMA foreign_keys = ON');
  } catch (error) {
    driver.switchTo(load(':memory:', busyTimeoutMs), null);
    throw explainCannotOpen(error, file);
  }
}

/** Connects to a new store in memory. */
export function connectToMemory(): BetterSqlite3Driver {
  const database = load(':memory:', 0);
  const driver = new BetterSqlite3Driver(database, (error) =>
    toStorageError(error, { backend: BACKEND_NAME }),
  );
  loadVectorExtension(database);
  driver.exec('PRAGMA foreign_keys = ON');
  return driver;
}

function open(
  file: string,
  busyTimeoutMs: number,
): { readonly database: Database.Database; readonly storeFile: StoreFile } {
  try {
    const opened = openStoreFile(file, BACKEND_NAME, () => load(file, busyTimeoutMs));
    return { database: opened.connection, storeFile: opened.file };
  } catch (error) {
    throw explainCannotOpen(error, file);
  }
}

function load(file: string, timeout: number): Database.Database {
  requireLoadableDriver();
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
