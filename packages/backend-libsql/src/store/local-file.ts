import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  detectStoreKind,
  explainCannotOpen,
  openStoreFile,
  realPath,
  requireKind,
  requireNoReplica,
  requireUtf8,
  type SqliteDriver,
  type StoreFile,
} from '@switchyard/sqlite-common';
import { isStorageError, type MaintenanceOptions, type ReclaimReport } from '@switchyard/storage-core';
import Database from 'libsql';
import { BACKEND_NAME } from '../capabilities.js';
import { LibsqlDriver } from '../driver/libsql-driver.js';
import { reclaimFile } from '../maintenance/reclaim.js';
import { requireKnownLevel } from '../schema/migrate.js';
import { readSchemaState } from '../schema/state.js';
import type { LocalStore } from './local-store.js';
import { releaseFile } from './release-file.js';
import { WalCheckpointer } from './wal-checkpointer.js';

/** Options of a store in a file. */
export interface LocalOptions {
  readonly busyTimeoutMs: number;
  /** Page cache of the connection, in MiB. */
  readonly cacheMiB: number;
  /** Maximum part of the file that is read through a memory map, in MiB. */
  readonly mmapMiB: number;
}

/**
 * Page size of new files in bytes. That of sqld, which aborts at the first write to a database with another one. 16 KiB
 * would take a sixth less space, but write three times as many bytes to the WAL for a documentation page.
 */
const PAGE_SIZE = 4096;

/**
 * WAL length in pages at which the writer itself checkpoints: 16 MB. It waits for the disk twice, so with SQLite's own 1000
 * pages every twenty-fifth documentation page would wait. The background checkpoint usually runs before; while it runs,
 * writes wait at this length: see {@link WalCheckpointer.room}.
 * One table of the WAL index covers 4062 pages: up to there a reader finds a page in one step.
 */
const WAL_PAGES = 4000;

/** WAL length in pages at which a background checkpoint starts, so that it ends before {@link WAL_PAGES}. */
const WAL_PAGES_AHEAD = 2500;

/** Maximum size in bytes of the WAL file that a checkpoint leaves after a large transaction. */
const WAL_BYTES_KEPT = WAL_PAGES * PAGE_SIZE;

/**
 * Opens a connection to a store in a file. A file that does not exist is created by {@link LocalStore.attach} and not
 * before. Does not touch the schema. A file that is refused is not changed by a byte, and nothing appears beside it.
 *
 * @throws StorageError `STORAGE_NOT_FOUND`, `STORAGE_SCHEMA_UNSUPPORTED`, `STORAGE_SCHEMA_TOO_NEW`,
 * `STORAGE_PERMISSION_DENIED`.
 */
export async function openFile(
  path: string,
  { busyTimeoutMs, cacheMiB, mmapMiB, mustExist }: LocalOptions & { readonly mustExist: boolean },
): Promise<LocalStore> {
  // An absolute path is never mistaken for a URL or for `:memory:`.
  const file = resolve(path);
  const exists = await checkFile(path, file, mustExist);
  const opened = new FileStore(path, file, exists, { busyTimeoutMs, cacheMiB, mmapMiB });
  try {
    if (exists) checkConnection(opened.driver, path);
    return opened;
  } catch (error) {
    await opened.close();
    throw explainCannotOpen(error, path);
  }
}

/** Checks a file without opening it. Returns false if there is none. */
async function checkFile(path: string, file: string, mustExist: boolean): Promise<boolean> {
  requireNoReplica(file, { backend: BACKEND_NAME, location: path });
  const { kind, level } = await detectStoreKind(file, { backend: BACKEND_NAME, mustExist });
  if (kind === 'absent') return false;
  if (kind === 'unknown') return true;
  requireKind(kind, 'switchyard-libsql', { backend: BACKEND_NAME, location: path });
  if (kind === 'switchyard-libsql') requireKnownLevel(level, path);
  return true;
}

/** Checks a file by its connection, which sees what the bytes of the file do not show. */
function checkConnection(driver: SqliteDriver, path: string): void {
  requireUtf8(driver, path, BACKEND_NAME);
  const state = readSchemaState(driver);
  requireKind(state.kind, 'switchyard-libsql', { backend: BACKEND_NAME, location: path });
  requireKnownLevel(state.level, path);
}

/** Store in a file. */
class FileStore implements LocalStore {
  readonly driver: LibsqlDriver;
  readonly #path: string;
  readonly #file: string;
  readonly isPrivate = false;
  readonly #busyTimeoutMs: number;
  readonly #checkpointer: WalCheckpointer;
  #storeFile: StoreFile | null = null;
  /** False while the connection stands in for a file that does not exist. */
  #isAttached: boolean;
  /** The last call of {@link attach}: they run one after the other. */
  #attaching: Promise<void> = Promise.resolve();

  constructor(path: string, file: string, exists: boolean, { busyTimeoutMs, ...caches }: LocalOptions) {
    this.#path = path;
    this.#file = file;
    this.#isAttached = exists;
    this.#busyTimeoutMs = busyTimeoutMs;
    this.#checkpointer = new WalCheckpointer(realPath(file), {
      begin: WAL_PAGES_AHEAD,
      wait: WAL_PAGES,
      busyTimeoutMs,
    });
    const open = () => connect(file, busyTimeoutMs, caches);
    try {
      this.driver = new LibsqlDriver({
        location: path,
        committing: () => this.#storeFile?.requireCurrent('not-applied'),
        committed: (rowsChanged) => {
          this.#storeFile?.committed();
          this.#checkpointer.committed(rowsChanged);
        },
        room: () => this.#checkpointer.room(),
        connect: () => {
          if (!this.#isAttached) return new Database(':memory:');
          this.#storeFile?.requireCurrent('not-applied'); // a connection that takes the place of another
          if (this.#storeFile !== null) return open();
          const { connection, file: storeFile } = openStoreFile(file, BACKEND_NAME, open);
          this.#storeFile = storeFile;
          return connection;
        },
        finish: checkpointWal,
      });
    } catch (error) {
      throw explainCannotOpen(error, path);
    }
  }

  attach(create: boolean): Promise<void> | null {
    if (this.#isAttached || (!create && !existsSync(this.#file))) return null;
    const attached = this.#attaching.then(() => this.#attach(create));
    this.#attaching = attached.catch(() => undefined); // reported to its caller
    return attached;
  }

  async #attach(create: boolean): Promise<void> {
    if (this.#isAttached) return;
    const exists = await checkFile(this.#path, this.#file, false);
    if (!exists && !create) return;
    try {
      this.driver.disconnect();
      this.#isAttached = true;
      checkConnection(this.driver, this.#path);
    } catch (error) {
      this.driver.disconnect();
      this.#isAttached = false;
      if (this.#storeFile !== null) await releaseFile(this.#storeFile);
      this.#storeFile = null;
      throw explainCannotOpen(error, this.#path);
    }
  }

  prepare(): void {
    this.driver.exec(`PRAGMA page_size = ${PAGE_SIZE}`); // changes nothing in a database that has pages
    useWriteAheadLog(this.driver, this.#busyTimeoutMs);
  }

  reclaim(options: MaintenanceOptions | undefined): Promise<ReclaimReport> {
    return reclaimFile(this.driver, this.#path, options);
  }

  schemaReady(): void {
    this.#storeFile?.opened('switchyard-libsql');
  }

  async close(): Promise<void> {
    try {
      await this.#checkpointer.close();
      this.driver.close();
    } finally {
      if (this.#storeFile !== null) await releaseFile(this.#storeFile);
    }
    this.#storeFile?.closed();
  }
}

function connect(
  file: string,
  busyTimeoutMs: number,
  { cacheMiB, mmapMiB }: Omit<LocalOptions, 'busyTimeoutMs'>,
): Database.Database {
  const database = new Database(file, { timeout: busyTimeoutMs });
  try {
    database.exec(`PRAGMA cache_size = ${-cacheMiB * 1024}`);
    database.exec(`PRAGMA mmap_size = ${mmapMiB * 1024 * 1024}`);
    // With a WAL, a power failure may lose the last transactions, but never damages the file.
    database.exec('PRAGMA synchronous = NORMAL');
    database.exec(`PRAGMA wal_autocheckpoint = ${WAL_PAGES}`);
    database.exec(`PRAGMA journal_size_limit = ${WAL_BYTES_KEPT}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Checkpoints the WAL before closing. The binding releases a closed connection only when its statements are
 * garbage-collected, so SQLite would not do it at that moment. The file is then complete without its WAL as soon as it is
 * closed. While others read the file, this is left to the last of them.
 */
function checkpointWal(database: Database.Database): void {
  database.exec('PRAGMA busy_timeout = 0');
  database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all([]);
}

/**
 * Enables the WAL, which stays with the file. SQLite does not wait for the locks that this needs, so the wait for others
 * who open the same new file is here.
 */
function useWriteAheadLog(driver: SqliteDriver, busyTimeoutMs: number): void {
  const deadline = Date.now() + busyTimeoutMs;
  for (;;) {
    try {
      driver.all('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (!isStorageError(error, 'STORAGE_BUSY') || Date.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
