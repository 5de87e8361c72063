import {
  applyMutations,
  createSqlChangeLog,
  SqlCatalog,
  type SqliteDriver,
  type SqlLogContext,
  SqlLogRecords,
  throwNotApplied,
  withLocalOutcome,
} from '@switchyard/sqlite-common';
import type { BackendReport, CallOptions, Capabilities, Mutation } from '@switchyard/storage-core';
import {
  BackendBase,
  type CallRunner,
  type CandidateRequest,
  type Candidates,
  type Catalog,
  type ChangeLog,
  checkCall,
  type FtsIndex,
  type LongCalls,
  type Migrator,
  type ResultsOf,
  type StoreMaintenance,
  sqlTimestamp,
  type VectorIndex,
  type VectorStaging,
  withinCall,
} from '@switchyard/storage-core/backend';
import { BACKEND_NAME, capabilities } from './capabilities.js';
import { DocumentChunks } from './chunks/document-chunks.js';
import { DocumentsFts } from './fts/fts-index.js';
import { legacyMaintenance } from './maintenance/maintenance.js';
import { readLevel } from './schema/migrate.js';
import { SchemaMigrator } from './schema/schema-migrator.js';
import { findCandidates } from './search/candidates.js';
import { connect, connectToMemory, type StoreConnection } from './store/connect.js';
import { inspectStore } from './store/inspect.js';
import { type MigratePolicy, StoreSession } from './store/session.js';
import { createStaging } from './vectors/staging.js';
import { SqliteVecIndex } from './vectors/vector-index.js';
import { vectorsOfPages } from './vectors/vectors-of-pages.js';

/** Options of {@link SqliteVecBackend}. */
export interface SqliteVecOptions {
  /** Path of the database file; null for a store in memory, which is lost when it is closed. */
  readonly path: string | null;
  /** Maximum time in milliseconds that a call waits for another writer. Default 30,000. */
  readonly busyTimeoutMs?: number | undefined;
  /**
   * Allowed schema changes. Opening and reading never touch the schema. With `create` (default), the first write to an
   * empty store creates the schema, and a write to an older store is refused with `STORAGE_SCHEMA_OUTDATED`. With
   * `auto`, a write also migrates an older store to the latest level. With `manual`, both are refused until
   * `migrator.migrate()` was called.
   */
  readonly migrate?: MigratePolicy | undefined;
  /** Refuses a file that does not exist with `STORAGE_NOT_FOUND` instead of creating it. Default false. */
  readonly mustExist?: boolean | undefined;
  /** Replaces the maintenance of this backend, such as by a child process. Default: none. */
  readonly maintenance?: StoreMaintenance | undefined;
  /** Does long calls on a large store in place of this backend, such as in a child process. Default: none. */
  readonly longCalls?: LongCalls | undefined;
  /** Migrates an existing store in place of this backend, such as in a child process. Default: none. */
  readonly migration?: Migrator['migrate'] | undefined;
  /** Connection string without secrets, for reports. Default: derived from the path. */
  readonly location?: string | undefined;
}

/** Text and float32 vectors of about 35 chunks, written in about 15 ms, since vectors are stored twice. */
const WRITE_BYTES = 150_000;

/** Default of {@link SqliteVecOptions.busyTimeoutMs}. */
const DEFAULT_BUSY_TIMEOUT_MS = 30_000;

/**
 * The store that documentation search used before Switchyard: better-sqlite3 with sqlite-vec and FTS5, schema level
 * 014. The application that wrote a store can continue to read and write it.
 *
 * Calls run on the calling thread: the driver is synchronous.
 */
export class SqliteVecBackend extends BackendBase {
  readonly contractVersion = 1;
  readonly name = BACKEND_NAME;
  readonly capabilities: Capabilities;
  readonly writeBytesMax = WRITE_BYTES;
  readonly migrator: Migrator;
  readonly catalog: Catalog;
  readonly vectors: VectorIndex;
  readonly fts: FtsIndex;
  readonly staging: VectorStaging;
  readonly maintenance: StoreMaintenance;
  readonly changeLog: ChangeLog;

  readonly #catalog: SqlCatalog;
  readonly #options: SqliteVecOptions;
  #connection: StoreConnection | null = null;
  #session: StoreSession | null = null;
  /** Connection of the call in progress. */
  #active: SqliteDriver | null = null;

  constructor(options: SqliteVecOptions) {
    super();
    this.#options = options;
    const onDisk = options.path !== null;
    this.capabilities = { ...capabilities, persistent: onDisk, multiProcess: onDisk };
    const driver = () => this.#driver();
    const always: CallRunner = (callOptions, work) => this.#attached(callOptions, false, work);
    const run: CallRunner = (callOptions, work) => this.#read(callOptions, work);
    const runWrite: CallRunner = (callOptions, work) => this.#write(callOptions, work);
    const runMigration: CallRunner = (callOptions, work) => this.#attached(callOptions, true, work);
    this.migrator = new SchemaMigrator({
      run: always,
      runMigration,
      session: () => this.#open(),
      elsewhere: options.migration ?? null,
    });
    this.#catalog = new SqlCatalog({
      run,
      driver,
      vectorsOfPages: (pageIds) => vectorsOfPages(driver(), pageIds),
    });
    this.catalog = this.#catalog;
    this.changeLog = createSqlChangeLog({
      backend: BACKEND_NAME,
      run,
      runWrite,
      driver,
      records: () => this.#logRecords({ chunks: new DocumentChunks(driver()), now: sqlTimestamp() }),
    });
    const { path, maintenance: elsewhere = null, longCalls = null } = options;
    this.vectors = new SqliteVecIndex({ run, runWrite, driver, longCalls });
    this.staging = createStaging(run, runWrite, driver, longCalls);
    this.fts = new DocumentsFts(run, runWrite, driver, longCalls);
    const runRepair: CallRunner = (callOptions, work) =>
      this.#attached(callOptions, this.#mayCreate, () => {
        const driver = this.#open().forRepair(callOptions);
        this.#active = driver;
        return withLocalOutcome(driver, work);
      });
    const readsStandIn = () => driver() !== this.#open().driver;
    this.maintenance = legacyMaintenance({
      run,
      runWrite,
      runRepair,
      driver,
      readsStandIn,
      path,
      elsewhere,
    });
  }

  apply<const M extends readonly Mutation[]>(mutations: M, options?: CallOptions): Promise<ResultsOf<M>> {
    return this.#write(options, () => {
      const driver = this.#driver();
      const chunks = new DocumentChunks(driver);
      const rollout = {
        options,
        records: (write: Pick<SqlLogContext, 'chunks' | 'now'>) => this.#logRecords(write),
      };
      return applyMutations({ backend: BACKEND_NAME, driver, chunks, rollout }, mutations);
    });
  }

  /** Records of a rollout, for one transaction. */
  #logRecords(write: Pick<SqlLogContext, 'chunks' | 'now'>): SqlLogRecords {
    const driver = this.#driver();
    return new SqlLogRecords({ driver, readPage: (id) => this.#catalog.readPage(driver, id), ...write });
  }

  candidates(request: CandidateRequest, options?: CallOptions): Promise<Candidates> {
    return this.#read(options, () => findCandidates(this.#driver(), request));
  }

  inspect(options?: CallOptions): Promise<BackendReport> {
    return this.#read(options, () => ({
      backend: this.name,
      location: this.#place,
      capabilities: this.capabilities,
      ...inspectStore(this.#driver(), this.#options.path),
      schemaLevel: readLevel(this.#open().driver) ?? 0,
    }));
  }

  protected async doOpen(options: CallOptions | undefined): Promise<void> {
    const {
      path,
      busyTimeoutMs = DEFAULT_BUSY_TIMEOUT_MS,
      mustExist = false,
      migrate = 'create',
    } = this.#options;
    const connection = await connect({ path, busyTimeoutMs, mustExist });
    const { driver } = connection;
    try {
      checkCall(options, BACKEND_NAME);
      this.#session = new StoreSession(driver, {
        path,
        migrate,
        mustExist,
        location: this.#place,
        connectToMemory,
        ready: () => driver.ready(),
      });
      this.#connection = connection;
    } catch (error) {
      driver.close();
      throw error;
    }
  }

  protected async doClose(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    this.#connection = null;
    this.#active = null;
    session?.close();
    session?.driver.close();
  }

  get #place(): string {
    return this.#options.location ?? `sqlite-vec:${this.#options.path ?? ':memory:'}`;
  }

  #driver(): SqliteDriver {
    if (this.#active === null) throw new TypeError('The connection is only available during a call.');
    return this.#active;
  }

  #open(): StoreSession {
    if (this.#session === null)
      throw new TypeError('The connection is only available while the backend is open.');
    return this.#session;
  }

  #read<T>(options: CallOptions | undefined, work: () => T | Promise<T>): Promise<T> {
    return this.#attached(options, false, () => {
      this.#active = this.#open().forReading();
      return work();
    });
  }

  #write<T>(options: CallOptions | undefined, work: () => T | Promise<T>): Promise<T> {
    return this.#attached(options, this.#mayCreate, () => {
      const driver = this.#open().forWriting(options);
      this.#active = driver;
      return withLocalOutcome(driver, work);
    });
  }

  /** True if a write may create a missing file: with `manual`, only a migration creates it. */
  get #mayCreate(): boolean {
    return this.#options.migrate !== 'manual';
  }

  /** Runs a call on the file of the store, if there is one by now. */
  #attached<T>(options: CallOptions | undefined, create: boolean, work: () => T | Promise<T>): Promise<T> {
    return this.run(options, () => {
      const attaching = this.#connection?.attach(create) ?? null;
      if (attaching === null) return work();
      const attached = withinCall(options, BACKEND_NAME, attaching);
      return (create ? attached.catch(throwNotApplied) : attached).then(work);
    });
  }
}
