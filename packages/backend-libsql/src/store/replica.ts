import { existsSync, renameSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import process from 'node:process';
import { isReplicaFile, openStoreFile, REPLICA_MARKERS, type StoreFile } from '@switchyard/sqlite-common';
import { type ReplicationReport, StorageError } from '@switchyard/storage-core';
import { shownUrl, type TokenSource } from '@switchyard/storage-core/backend';
import Database from 'libsql';
import { BACKEND_NAME } from '../capabilities.js';
import { RemoteDriver } from '../driver/remote-driver.js';
import { releaseFile } from './release-file.js';

/** Options of {@link Replica.open}. */
export interface ReplicaOptions {
  readonly path: string;
  /** Address of the server whose store is replicated. */
  readonly syncUrl: string;
  readonly tokens: TokenSource;
}

/** Suffixes of the files of a replica: the database, its WAL and index, and the replication state of libSQL. */
const SUFFIXES = ['', '-wal', '-shm', ...REPLICA_MARKERS] as const;

/**
 * Local copy of a store on a server. Reads are local. Writes go to the server, and are in the copy once acknowledged;
 * `sync()` fetches what others wrote.
 *
 * A damaged copy is moved aside, with a warning, and fetched again: it contains nothing that the server lacks.
 */
export class Replica {
  readonly driver: RemoteDriver;
  readonly #options: ReplicaOptions;
  readonly #file: string;
  #frame: number | null = null;
  #framesOfLastSync = 0;
  #syncedAt: number | null = null;
  #lastFailure: string | null = null;

  #storeFile: StoreFile | null = null;

  /**
   * Opens and syncs the copy, which is created or repaired if necessary.
   *
   * @throws StorageError `STORAGE_UNREACHABLE` (a copy cannot be opened without its server), `STORAGE_UNAUTHORIZED`,
   * `STORAGE_SCHEMA_UNSUPPORTED` for a file that is not a replica. The content of the server's database is not checked.
   */
  static async open(options: ReplicaOptions): Promise<Replica> {
    const replica = new Replica(options);
    try {
      replica.sync();
      return replica;
    } catch (error) {
      await replica.close();
      throw error;
    }
  }

  private constructor(options: ReplicaOptions) {
    this.#options = options;
    // An absolute path is never mistaken for a URL or for `:memory:`.
    this.#file = resolve(options.path);
    this.#checkPlace();
    this.driver = new RemoteDriver({
      location: `${options.path}, replica of ${shownUrl(options.syncUrl)}`,
      reads: 'local',
      hasToken: () => options.tokens.current !== null,
      redact: (text) => options.tokens.redact(text),
      connect: () => this.#connect(),
      repair: (error) => this.#setAside(error.message),
    });
  }

  /** Closes the connection. Afterwards nothing of the copy is held, unless another store has it open. */
  async close(): Promise<void> {
    try {
      this.driver.close();
    } finally {
      if (this.#storeFile !== null) await releaseFile(this.#storeFile);
    }
  }

  /** Fetches what others wrote to the server. @throws StorageError `STORAGE_UNREACHABLE`, … */
  sync(): ReplicationReport {
    try {
      const { frame_no: frame, frames_synced: frames } = privately(() =>
        this.driver.withConnection(
          (database) => database.sync() as { frame_no?: number; frames_synced?: number },
        ),
      );
      this.#frame = frame ?? this.#frame;
      this.#framesOfLastSync = frames ?? 0;
      this.#syncedAt = Date.now();
      this.#lastFailure = null;
    } catch (error) {
      this.#lastFailure = error instanceof Error ? error.message : String(error);
      throw error;
    }
    return this.report();
  }

  /** Returns the replication state of the copy. */
  report(): ReplicationReport {
    return {
      primary: shownUrl(this.#options.syncUrl),
      frame: this.#frame,
      framesOfLastSync: this.#framesOfLastSync,
      syncedAt: this.#syncedAt === null ? null : new Date(this.#syncedAt).toISOString(),
      secondsBehind: this.#syncedAt === null ? null : (Date.now() - this.#syncedAt) / 1000,
      lastFailure: this.#lastFailure,
    };
  }

  /** Refuses a path that contains something else, which libSQL would replace. */
  #checkPlace(): void {
    const { path } = this.#options;
    const folder = dirname(this.#file);
    if (!existsSync(folder)) {
      throw new StorageError(
        'STORAGE_NOT_FOUND',
        `The folder ${folder} of the replica does not exist: create it first.`,
        { backend: BACKEND_NAME },
      );
    }
    const size = statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0;
    const isReplica = isReplicaFile(this.#file);
    if (size > 0 && !isReplica) {
      throw new StorageError(
        'STORAGE_SCHEMA_UNSUPPORTED',
        `${path} is not a replica: its replication state is missing. Give the path of a new file. Nothing was changed.`,
        { backend: BACKEND_NAME },
      );
    }
    if (size === 0 && isReplica) this.#setAside('its file is gone or empty');
  }

  #connect(): Database.Database {
    const { syncUrl, tokens } = this.#options;
    const options = { syncUrl, authToken: tokens.current?.reveal() ?? '' };
    // A damaged copy was moved aside; another is created under the same name.
    this.#storeFile?.release();
    const { connection, file } = privately(() =>
      openStoreFile(this.#file, BACKEND_NAME, () => new Database(this.#file, options as Database.Options)),
    );
    this.#storeFile = file;
    return connection;
  }

  #setAside(reason: string): void {
    const aside = `${this.#file}.damaged-${Date.now()}`;
    for (const suffix of SUFFIXES) {
      if (existsSync(`${this.#file}${suffix}`)) renameSync(`${this.#file}${suffix}`, `${aside}${suffix}`);
    }
    process.emitWarning(
      `The replica ${this.#options.path} is damaged (${reason}). It was moved to ${aside} and is fetched again from ${shownUrl(this.#options.syncUrl)}.`,
      { code: 'SWITCHYARD_REPLICA_DAMAGED' },
    );
  }
}

/**
 * Runs work whose new files only this user can read, because a token protects the same content on the server. The driver
 * insists on creating the file itself.
 */
function privately<T>(work: () => T): T {
  let before: number;
  try {
    before = process.umask(0o077);
  } catch {
    return work(); // a worker thread, which cannot set it
  }
  try {
    return work();
  } finally {
    process.umask(before);
  }
}
