import { beforeWriting, type SqliteDriver } from '@switchyard/sqlite-common';
import { type CallOptions, StorageError } from '@switchyard/storage-core';
import { schemaOutdated } from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import { migrateSchema, schemaStatus, useWriteAheadLog } from '../schema/migrate.js';
import { showAsItIs, showAsLatest } from '../schema/older-levels.js';
import { checkLevel } from './check-store.js';

/** When the schema of a store is created or brought to the latest level. See `SqliteVecOptions.migrate`. */
export type MigratePolicy = 'create' | 'auto' | 'manual';

/** Dependencies of a {@link StoreSession}. */
export interface SessionOptions {
  /** Null for a store in memory. */
  readonly path: string | null;
  /** The store as a person writes it in a command. */
  readonly location: string;
  readonly migrate: MigratePolicy;
  readonly mustExist: boolean;
  /** Told when the schema is there: what is written from now on is written for callers. */
  readonly ready: () => void;
  /** Makes a connection to a new store in memory. */
  readonly connectToMemory: () => SqliteDriver;
}

/**
 * An open store as calls see it. What only reads changes nothing: a store of an older level is read as it is, one that
 * is empty as a store without content, and the first write creates its schema.
 */
export class StoreSession {
  readonly driver: SqliteDriver;
  readonly #options: SessionOptions;
  /** Stands in for a store that is empty; made when it is first read. */
  #empty: SqliteDriver | null = null;
  /** True once the schema was at the latest level; it never goes back. */
  #isCurrent: boolean;
  #isPrepared = false;
  /** The level that the views of the connection are for; null without views. */
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
        `${options.location} is empty: there is no store in it yet.`,
        { backend: BACKEND_NAME },
      );
    }
    // Nobody else sees a store in memory, and there is nothing that could be kept from changing.
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
   * What a call writes to: a store of the latest level.
   *
   * @throws StorageError `STORAGE_SCHEMA_OUTDATED` for an older one, unless it is to be migrated.
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
    if (status.state === 'current') useWriteAheadLog(this.driver);
    else this.migrate(() => migrateSchema(this.driver, { signal, deadline }));
    this.#becomeCurrent();
    this.#isPrepared = true;
  }

  /**
   * What a repair writes to: a store of an older level too, which keeps that level unless it is to be migrated. What is
   * rebuilt has the form that it had.
   *
   * @throws StorageError as {@link forWriting} does.
   */
  forRepair(options?: CallOptions): SqliteDriver {
    return beforeWriting(() => {
      const isKept = this.#options.migrate !== 'auto' && schemaStatus(this.driver).state === 'pending';
      return isKept ? this.forReading() : this.forWriting(options);
    });
  }

  /** Runs a migration, which must not meet the views for an older level. */
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
