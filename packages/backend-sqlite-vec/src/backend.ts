import {
  applyMutations,
  gatherCandidates,
  match,
  SqlCatalog,
  type SqliteDriver,
} from '@switchyard/sqlite-common';
import {
  BackendBase,
  type BackendReport,
  type CallOptions,
  type CallRunner,
  type CandidateRequest,
  type Candidates,
  type Capabilities,
  type Catalog,
  type ChunkId,
  type FtsIndex,
  type Migrator,
  type Mutation,
  type ResultsOf,
  type StoreMaintenance,
  schemaOutdated,
  type VectorIndex,
  type VectorStaging,
} from '@switchyard/storage-core';
import { BACKEND_NAME, capabilities } from './capabilities.js';
import { DocumentChunks } from './chunks/document-chunks.js';
import { DocumentsFts } from './fulltext/fts-index.js';
import { matchStatements, structuralAmong } from './fulltext/statements.js';
import { legacyMaintenance } from './maintenance/maintenance.js';
import { migrateSchema, schemaStatus } from './schema/migrate.js';
import { SchemaMigrator } from './schema/schema-migrator.js';
import { connect } from './store/connect.js';
import { inspectStore } from './store/inspect.js';
import { createStaging } from './vectors/staging.js';
import { findNearest, SqliteVecIndex } from './vectors/vector-index.js';
import { vectorsOfPages } from './vectors/vectors-of-pages.js';

/** How a {@link SqliteVecBackend} is made. */
export interface SqliteVecOptions {
  /** Path of the database file; null for a store in memory, which is gone when it is closed. */
  readonly path: string | null;
  /** How long a call waits for another writer, in milliseconds, from 0. Default 5000. */
  readonly busyTimeoutMs?: number | undefined;
  /**
   * `auto` (default): opening creates the schema, or brings it to the latest level. `manual`: opening leaves it alone,
   * and until `migrator.migrate()` was called everything but the migrator is refused with `STORAGE_SCHEMA_OUTDATED`.
   */
  readonly migrate?: 'auto' | 'manual' | undefined;
  /** Refuses a file that does not exist with `STORAGE_NOT_FOUND` instead of creating it. Default false. */
  readonly mustExist?: boolean | undefined;
  /** Does the maintenance in place of this backend, such as in a child process. Default: none. */
  readonly maintenance?: StoreMaintenance | undefined;
  /** The connection string without secrets, for reports. Default: made from the path. */
  readonly location?: string | undefined;
}

/** Text and float32 vectors of some thirty-five chunks: about fifteen milliseconds, since vectors are written twice. */
const WRITE_BYTES = 150_000;

/** The default of {@link SqliteVecOptions.busyTimeoutMs}. */
export const DEFAULT_BUSY_TIMEOUT_MS = 5000;

/**
 * The store that documentation search ran on before Switchyard: better-sqlite3 with sqlite-vec and FTS5, schema level
 * 014. The application that wrote a store can go on reading and writing it.
 *
 * Calls run on the thread that makes them: the driver is synchronous.
 */
export class SqliteVecBackend extends BackendBase {
  readonly name = BACKEND_NAME;
  readonly capabilities: Capabilities;
  readonly writeBytesMax = WRITE_BYTES;
  readonly migrator: Migrator;
  readonly catalog: Catalog;
  readonly vectors: VectorIndex;
  readonly fts: FtsIndex;
  readonly staging: VectorStaging;
  readonly maintenance: StoreMaintenance;

  readonly #options: SqliteVecOptions;
  #connection: SqliteDriver | null = null;
  /** Whether the schema was once seen to be at the latest level; it never goes back. */
  #isCurrent = false;

  constructor(options: SqliteVecOptions) {
    super();
    this.#options = options;
    const onDisk = options.path !== null;
    this.capabilities = { ...capabilities, persistent: onDisk, multiProcess: onDisk };
    const driver = () => this.#driver();
    const always: CallRunner = (callOptions, work) => this.run(callOptions, work);
    const run: CallRunner = (callOptions, work) => this.#whenCurrent(callOptions, work);
    this.migrator = new SchemaMigrator(always, driver);
    this.catalog = new SqlCatalog({
      run,
      driver,
      vectorsOfPages: (pageIds) => vectorsOfPages(driver(), pageIds),
    });
    this.vectors = new SqliteVecIndex({ run, driver });
    this.staging = createStaging(run, driver);
    this.fts = new DocumentsFts(run, driver);
    const { path, maintenance: elsewhere = null } = options;
    this.maintenance = legacyMaintenance({ run, driver, path, elsewhere });
  }

  apply<const M extends readonly Mutation[]>(mutations: M, options?: CallOptions): Promise<ResultsOf<M>> {
    return this.#whenCurrent(options, () => {
      const driver = this.#driver();
      return applyMutations({ backend: BACKEND_NAME, driver, chunks: new DocumentChunks(driver) }, mutations);
    });
  }

  candidates(request: CandidateRequest, options?: CallOptions): Promise<Candidates> {
    return this.#whenCurrent(options, () => {
      const driver = this.#driver();
      return gatherCandidates(
        driver,
        {
          nearest: (versionId, { values, limit, mode, model }) =>
            findNearest(driver, { version: { versionId }, vector: values, limit, mode, model }),
          match: (versionId, words) => match(driver, matchStatements, versionId, words),
          structuralAmong: (ids) =>
            driver.all<{ id: ChunkId }>(structuralAmong, [JSON.stringify(ids)]).map(({ id }) => id),
        },
        request,
      );
    });
  }

  inspect(options?: CallOptions): Promise<BackendReport> {
    return this.#whenCurrent(options, () => ({
      backend: this.name,
      location: this.#options.location ?? `sqlite-vec:${this.#options.path ?? ':memory:'}`,
      capabilities: this.capabilities,
      ...inspectStore(this.#driver(), this.#options.path),
    }));
  }

  protected async doOpen(options: CallOptions | undefined): Promise<void> {
    const {
      path,
      busyTimeoutMs = DEFAULT_BUSY_TIMEOUT_MS,
      mustExist = false,
      migrate = 'auto',
    } = this.#options;
    const driver = await connect({ path, busyTimeoutMs, mustExist });
    try {
      if (migrate === 'auto') migrateSchema(driver, { signal: options?.signal, deadline: options?.deadline });
      this.#isCurrent = schemaStatus(driver).state === 'current';
      if (this.#isCurrent) driver.ready();
    } catch (error) {
      driver.close();
      throw error;
    }
    this.#connection = driver;
  }

  protected async doClose(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    connection?.close();
  }

  #driver(): SqliteDriver {
    if (this.#connection === null)
      throw new TypeError('The connection is only there while the backend is open.');
    return this.#connection;
  }

  #whenCurrent<T>(options: CallOptions | undefined, work: () => T | Promise<T>): Promise<T> {
    return this.run(options, () => {
      this.#requireCurrent();
      return work();
    });
  }

  #requireCurrent(): void {
    if (this.#isCurrent) return;
    const status = schemaStatus(this.#driver());
    this.#isCurrent = status.state === 'current';
    if (!this.#isCurrent) throw schemaOutdated(this.name, status);
  }
}
