import { beforeWriting, requireKind } from '@switchyard/sqlite-common';
import { type CallOptions, type Capabilities, StorageError } from '@switchyard/storage-core';
import { schemaOutdated } from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import type { MigratePolicy } from '../options.js';
import { migrateSchema, requireKnownLevel, schemaStatus } from '../schema/migrate.js';
import { readSchemaState, type SchemaState } from '../schema/state.js';
import { openMemoryStore } from '../store/memory.js';
import { LocalSession } from './local-session.js';
import type { Session } from './session.js';

/** Options of a {@link SchemaGate}. */
export interface SchemaGateOptions {
  /** The store as a person writes it in a command, without secrets. */
  readonly place: string;
  readonly capabilities: Capabilities;
  readonly migrate: MigratePolicy;
  readonly mustExist: boolean;
}

/**
 * Checks the schema of an open store before each call. Reading never changes a store: an empty one is read as one without
 * content, and the first write creates its schema.
 */
export class SchemaGate {
  readonly session: Session;
  readonly #options: SchemaGateOptions;
  /** Stands in for an empty store; created when it is first read. */
  #standIn: LocalSession | null = null;
  /** True once the schema was at the latest level, which it never leaves. */
  #isCurrent: boolean;
  /** True once the database was prepared for writing. */
  #isPrepared = false;

  /**
   * @throws StorageError `STORAGE_SCHEMA_UNSUPPORTED`, `STORAGE_SCHEMA_TOO_NEW`; `STORAGE_NOT_FOUND` for an empty
   * database that must contain a store.
   */
  constructor(session: Session, options: SchemaGateOptions) {
    this.session = session;
    this.#options = options;
    const { place, migrate, mustExist } = options;
    const state = readSchemaState(session.driver);
    session.requireStore(state);
    if (mustExist && state.kind === 'empty') throw containsNoStore(place);
    migrateSchema(session.driver, place, state, { dryRun: true }); // refuses what it could not migrate
    this.#isCurrent = schemaStatus(state).state === 'current';
    if (this.#isCurrent) session.schemaReady();
    if (session.isPrivate && migrate !== 'manual') this.forWriting();
  }

  /** True if the schema is known to be at the latest level. */
  get isCurrent(): boolean {
    return this.#isCurrent;
  }

  /**
   * Returns the session that a call reads: that of the store, or a stand-in for an empty one.
   *
   * @throws StorageError `STORAGE_SCHEMA_TOO_NEW`, `STORAGE_SCHEMA_UNSUPPORTED`.
   */
  forReading(): Session {
    if (this.#isCurrent) return this.session;
    const state = this.#readState();
    if (state.kind === 'empty') return this.#emptyStore();
    if (schemaStatus(state).state === 'current') this.#becomeCurrent();
    return this.session;
  }

  /**
   * Returns the session that a call writes to, whose schema is at the latest level.
   *
   * @throws StorageError `STORAGE_SCHEMA_OUTDATED` for an older one, unless it is to be migrated.
   */
  forWriting(options: CallOptions = {}): Session {
    if (!this.#isPrepared) beforeWriting(() => this.#prepare(options));
    return this.session;
  }

  /** Releases the stand-in for an empty store. */
  close(): void {
    this.#standIn?.search.close();
    this.#standIn?.driver.close();
    this.#standIn = null;
  }

  #prepare({ signal, deadline }: CallOptions): void {
    const { place, migrate } = this.#options;
    const state = this.#isCurrent ? null : this.#readState();
    if (state !== null) {
      const status = schemaStatus(state);
      const isWanted =
        status.state === 'current' || (status.state === 'empty' ? migrate !== 'manual' : migrate === 'auto');
      if (!isWanted) throw schemaOutdated(BACKEND_NAME, status, place);
    }
    this.session.prepare();
    if (state !== null) migrateSchema(this.session.driver, place, state, { signal, deadline });
    this.#becomeCurrent();
    this.#isPrepared = true;
  }

  #readState(): SchemaState {
    const { place } = this.#options;
    const state = readSchemaState(this.session.driver);
    requireKind(state.kind, 'switchyard-libsql', { backend: BACKEND_NAME, location: place });
    requireKnownLevel(state.level, place);
    return state;
  }

  #becomeCurrent(): void {
    if (!this.#isCurrent) this.session.schemaReady();
    this.#isCurrent = true;
    this.close();
  }

  #emptyStore(): Session {
    if (this.#standIn === null) {
      const store = openMemoryStore();
      migrateSchema(store.driver, ':memory:', readSchemaState(store.driver));
      const noCaches = { vectorCacheBytes: 0, ftsCacheBytes: 0 };
      this.#standIn = new LocalSession(store, this.#options.capabilities, noCaches);
    }
    return this.#standIn;
  }
}

function containsNoStore(place: string): StorageError {
  return new StorageError('STORAGE_NOT_FOUND', `${place} is empty: there is no store in it yet.`, {
    backend: BACKEND_NAME,
  });
}
