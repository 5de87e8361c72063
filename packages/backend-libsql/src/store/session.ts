import { beforeWriting, requireKind } from '@switchyard/sqlite-common';
import { type CallOptions, type Location, StorageError } from '@switchyard/storage-core';
import { schemaOutdated } from '@switchyard/storage-core/backend';
import { BACKEND_NAME, memoryCapabilities } from '../capabilities.js';
import { migrateSchema, requireKnownLevel, schemaStatus } from '../schema/migrate.js';
import { readSchemaState, type SchemaState } from '../schema/state.js';
import { LocalSearch } from '../search/local-search.js';
import { openMemory, prepareFile } from './local-file.js';
import type { OpenStore } from './open-store.js';
import { requireStore } from './server.js';

/** When the schema of a store is created or brought to the latest level. See `LibsqlOptions.migrate`. */
export type MigratePolicy = 'create' | 'auto' | 'manual';

/** What a {@link StoreSession} needs to know. */
export interface SessionOptions {
  readonly location: Location;
  /** The store as a person writes it in a command, without secrets. */
  readonly place: string;
  readonly migrate: MigratePolicy;
  readonly mustExist: boolean;
  /** Told when the schema is there: what is written from now on is written for callers. */
  readonly ready: () => void;
  readonly busyTimeoutMs: number;
}

/**
 * An open store as calls see it. What only reads changes nothing: a store that is empty is read as one without content,
 * and the first write creates its schema.
 */
export class StoreSession {
  readonly main: OpenStore;
  readonly #options: SessionOptions;
  /** Stands in for a store that is empty; made when it is first read. */
  #empty: OpenStore | null = null;
  /** Whether the schema was once seen to be at the latest level; it never goes back. */
  #isCurrent: boolean;
  /** Whether the file takes writes as it is. */
  #isPrepared = false;

  /**
   * @throws StorageError `STORAGE_SCHEMA_UNSUPPORTED`, `STORAGE_SCHEMA_TOO_NEW`; `STORAGE_NOT_FOUND` for an empty
   * database that must hold a store.
   */
  constructor(main: OpenStore, options: SessionOptions) {
    this.main = main;
    this.#options = options;
    const { location, place, migrate, mustExist } = options;
    const state = readSchemaState(main.driver);
    if (location.type === 'server') requireStore(state, location.url);
    if (location.type === 'replica') requireStore(state, location.syncUrl);
    if (mustExist && state.kind === 'empty') throw holdsNoStore(place);
    migrateSchema(main.driver, place, state, { dryRun: true }); // refuses what it could not migrate
    this.#isCurrent = schemaStatus(state).state === 'current';
    if (this.#isCurrent) options.ready();
    // Nobody else sees a store in memory, and there is nothing that could be kept from changing.
    if (location.type === 'memory' && migrate !== 'manual') this.forWriting();
  }

  /** Whether the schema is known to be at the latest level. */
  get isCurrent(): boolean {
    return this.#isCurrent;
  }

  /** What a call reads. @throws StorageError `STORAGE_SCHEMA_TOO_NEW`, `STORAGE_SCHEMA_UNSUPPORTED`. */
  forReading(): OpenStore {
    if (this.#isCurrent) return this.main;
    const state = this.#readState();
    if (state.kind === 'empty') return this.#emptyStore();
    if (schemaStatus(state).state === 'current') this.#becomeCurrent();
    return this.main;
  }

  /**
   * What a call writes to: a store of the latest level.
   *
   * @throws StorageError `STORAGE_SCHEMA_OUTDATED` for an older one, unless it is to be migrated.
   */
  forWriting(options: CallOptions = {}): OpenStore {
    if (!this.#isPrepared) beforeWriting(() => this.#prepare(options));
    return this.main;
  }

  #prepare({ signal, deadline }: CallOptions): void {
    const { place, migrate } = this.#options;
    const { driver } = this.main;
    const state = this.#isCurrent ? null : this.#readState();
    if (state !== null) {
      const status = schemaStatus(state);
      const isWanted =
        status.state === 'current' || (status.state === 'empty' ? migrate !== 'manual' : migrate === 'auto');
      if (!isWanted) throw schemaOutdated(BACKEND_NAME, status, place);
    }
    this.prepareFile();
    if (state !== null) migrateSchema(driver, place, state, { signal, deadline });
    this.#becomeCurrent();
    this.#isPrepared = true;
  }

  /** Makes a file ready to be written: its mode and, while it is empty, the size of its pages. */
  prepareFile(): void {
    const { location, busyTimeoutMs } = this.#options;
    if (location.type === 'file') prepareFile(this.main.driver, busyTimeoutMs);
  }

  /** Releases what stands in for an empty store. */
  close(): void {
    this.#empty?.search.close();
    this.#empty?.driver.close();
    this.#empty = null;
  }

  #readState(): SchemaState {
    const { place } = this.#options;
    const state = readSchemaState(this.main.driver);
    requireKind(state.kind, 'switchyard-libsql', { backend: BACKEND_NAME, location: place });
    requireKnownLevel(state.level, place);
    return state;
  }

  #becomeCurrent(): void {
    if (!this.#isCurrent) this.#options.ready();
    this.#isCurrent = true;
    this.close();
  }

  #emptyStore(): OpenStore {
    if (this.#empty === null) {
      const driver = openMemory();
      migrateSchema(driver, ':memory:', readSchemaState(driver));
      const search = new LocalSearch(driver, memoryCapabilities, { vectorCacheBytes: 0, ftsCacheBytes: 0 });
      this.#empty = { driver, search, remoteWrites: null };
    }
    return this.#empty;
  }
}

function holdsNoStore(place: string): StorageError {
  return new StorageError('STORAGE_NOT_FOUND', `${place} is empty: there is no store in it yet.`, {
    backend: BACKEND_NAME,
  });
}
