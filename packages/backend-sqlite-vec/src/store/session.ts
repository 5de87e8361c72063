import { beforeWriting, type SqliteDriver } from '@switchyard/sqlite-common';
import { type CallOptions, StorageError } from '@switchyard/storage-core';
import { schemaOutdated } from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import { enableWal, migrateSchema, schemaStatus } from '../schema/migrate.js';
import { showAsItIs, showAsLatest } from '../schema/older-levels.js';
import { checkLevel } from './check-store.js';

/** Schema changes that a write may make. See `SqliteVecOptions.migrate`. */
export type MigratePolicy = 'create' | 'auto' | 'manual';

/** Dependencies of a {@link StoreSession}. */
export interface SessionOptions {
  /** Null for a store in memory. */
  readonly path: string | null;
  /** The store, as a user would type it in a command. */
  readonly location: string;
  readonly migrate: MigratePolicy;
  readonly mustExist: boolean;
  /** Called when the schema is complete: later writes are made for callers. */
  readonly ready: () => void;
  /** Connects to a new store in memory. */
  readonly connectToMemory: () => SqliteDriver;
}

/**
 * An open store as seen by calls. Reads change nothing: an older store is read at its own level, an empty one as a
 * store without content; the first write creates the schema.
 */
export class StoreSession {
  readonly driver: SqliteDriver;
  readonly #options: SessionOptions;
  /** Substitute for an empty store; created by the first read. */
  #empty: SqliteDriver | null = null;
  /** True once the schema was at the latest level, which it never leaves. */
  #isCurrent: boolean;
  #isPrepared = false;
  /** Level that the connection's views emulate; null without views. */
  #shownLevel: number | null = null;

  /** @throws StorageError `STORAGE_NOT_FOUND` for an empty database that must hold a store. */
  constructor(driver: SqliteDriver, options: SessionOptions) {
    this.driver = driver;
    this.#options = options;
    const { state } = schemaStatus(driver);
    this.#isCurrent = state === 'current';
    if (this.#isCurrent) options.ready();
    if (options.mustExist && state === 'empty') {
      throw new StorageError(
        'STORAGE_NOT_FOUND',
        `${options.location} is empty: it does not contain a store yet.`,
        { backend: BACKEND_NAME },
      );
    }
    // A store in memory has no other users, and nothing on disk to leave unchanged.
    if (options.path === null && options.migrate !== 'manual') this.forWriting();
  }

  /** Returns the connection for a read. @throws StorageError `STORAGE_SCHEMA_TOO_NEW`. */
  forReading(): SqliteDriver {
    if (this.#isCurrent) return this.driver;
    const { state, level } = schemaStatus(this.driver);
    if (level === null) return this.#emptyStore();
    checkLevel(level, this.#options.location);
    if (state === 'current') this.#becomeCurrent();
    else if (this.#shownLevel !== level) {
      showAsLatest(this.driver, level);
      this.#shownLevel = level;
    }
    return this.driver;
  }

  /**
   * Returns the connection for a write: to a store of the latest level.
   *
   * @throws StorageError `STORAGE_SCHEMA_OUTDATED` for an older one, unless it may be migrated.
   */
  forWriting(options: CallOptions = {}): SqliteDriver {
    if (!this.#isPrepared) beforeWriting(() => this.#prepare(options));
    return this.driver;
  }

  #prepare({ signal, deadline }: CallOptions): void {
    const { migrate, location } = this.#options;
    const status = schemaStatus(this.driver);
    if (status.level !== null) checkLevel(status.level, location);
    const isWanted =
      status.state === 'current' || (status.state === 'empty' ? migrate !== 'manual' : migrate === 'auto');
    if (!isWanted) throw schemaOutdated(BACKEND_NAME, status, location);
    if (status.state === 'current') enableWal(this.driver);
    else this.migrate(() => migrateSchema(this.driver, { signal, deadline }));
    this.#becomeCurrent();
    this.#isPrepared = true;
  }

  /**
   * Returns the connection for a repair. An older store keeps its level unless it may be migrated; rebuilt parts keep
   * their form.
   *
   * @throws StorageError like {@link forWriting}.
   */
  forRepair(options?: CallOptions): SqliteDriver {
    return beforeWriting(() => {
      const isKept = this.#options.migrate !== 'auto' && schemaStatus(this.driver).state === 'pending';
      return isKept ? this.forReading() : this.forWriting(options);
    });
  }

  /** Runs a migration without the views for an older level. */
  migrate<T>(work: () => T): T {
    return beforeWriting(() => {
      if (this.#shownLevel !== null) showAsItIs(this.driver);
      this.#shownLevel = null;
      return work();
    });
  }

  /** Closes the substitute for an empty store. */
  close(): void {
    this.#empty?.close();
    this.#empty = null;
  }

  #emptyStore(): SqliteDriver {
    if (this.#empty === null) {
      const driver = this.#options.connectToMemory();
      migrateSchema(driver);
      this.#empty = driver;
    }
    return this.#empty;
  }

  #becomeCurrent(): void {
    if (this.#shownLevel !== null) this.migrate(() => undefined);
    if (!this.#isCurrent) this.#options.ready();
    this.#isCurrent = true;
    this.close();
  }
}
