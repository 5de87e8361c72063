import { applyMutations, gatherCandidates, SqlCatalog, type SqliteDriver } from '@switchyard/sqlite-common';
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
  type Location,
  type Migrator,
  type Mutation,
  type ResultsOf,
  StorageError,
  type VectorIndex,
} from '@switchyard/storage-core';
import { BACKEND_NAME, capabilities, memoryCapabilities } from './capabilities.js';
import { LibsqlChunkStore } from './chunks/libsql-chunk-store.js';
import { LibsqlFtsIndex } from './fulltext/fts-index.js';
import { STRUCTURAL_AMONG } from './fulltext/statements.js';
import { WordSearch } from './fulltext/words/word-search.js';
import { migrateSchema, schemaStatus } from './schema/migrate.js';
import { SchemaMigrator } from './schema/schema-migrator.js';
import { inspectStore } from './store/inspect.js';
import { openFile, openMemory } from './store/local-file.js';
import { optimizeStore } from './store/optimize.js';
import { CertifiedSearch } from './vectors/certified-search.js';
import { CodeCache } from './vectors/codes/code-cache.js';
import { ExactScan } from './vectors/exact-scan.js';
import { findNearest, LibsqlVectorIndex } from './vectors/vector-index.js';
import type { VectorSearcher } from './vectors/vector-searcher.js';
import { vectorsOfPages } from './vectors/vectors-of-pages.js';

/** How a {@link LibsqlBackend} is made. */
export interface LibsqlOptions {
  readonly location: Location;
  /** How long a call waits for another writer, in milliseconds, from 0. Default 5000. */
  readonly busyTimeoutMs?: number | undefined;
  /** Cache of the connection in MiB, for local files. Default 64. */
  readonly cacheMiB?: number | undefined;
  /** How much of the file is read through a memory map, in MiB, for local files. Default 1024. */
  readonly mmapMiB?: number | undefined;
  /**
   * Memory for the codes of versions that were searched, in MiB, from 0. Default 512. With 0, and for versions that do not
   * fit, the engine's own scan serves: the same results, later.
   */
  readonly vectorCacheMiB?: number | undefined;
  /**
   * Memory for what was read of the full-text index, in MiB, from 0. Default 64. With 0 the engine's own ranking serves:
   * the same results, later.
   */
  readonly wordCacheMiB?: number | undefined;
  /**
   * `auto` (default): opening creates the schema, or brings it to the latest level. `manual`: opening leaves it alone,
   * and until `migrator.migrate()` was called everything but the migrator is refused with `STORAGE_SCHEMA_OUTDATED`.
   */
  readonly migrate?: 'auto' | 'manual' | undefined;
  /** Refuses a file that does not exist with `STORAGE_NOT_FOUND` instead of creating it. Default false. */
  readonly mustExist?: boolean | undefined;
  /** The connection string without secrets, for reports. Default: made from the location. */
  readonly redacted?: string | undefined;
}

/** The defaults of {@link LibsqlOptions}. */
export const defaults = {
  busyTimeoutMs: 5000,
  cacheMiB: 64,
  mmapMiB: 1024,
  vectorCacheMiB: 512,
  wordCacheMiB: 64,
} as const;

/** What there is only while the backend is open. */
interface OpenStore {
  readonly driver: SqliteDriver;
  readonly searcher: VectorSearcher;
  readonly cache: CodeCache;
  readonly words: WordSearch;
}

const MIB = 2 ** 20;

/**
 * A store on libSQL: catalog, full text and vectors in one database.
 *
 * Calls run on the thread that makes them: the driver is synchronous.
 */
export class LibsqlBackend extends BackendBase {
  readonly name = BACKEND_NAME;
  readonly capabilities: Capabilities;
  readonly migrator: Migrator;
  readonly catalog: Catalog;
  readonly vectors: VectorIndex;
  readonly fts: FtsIndex;

  readonly #options: LibsqlOptions;
  readonly #place: string;
  #connection: OpenStore | null = null;
  /** Whether the schema was once seen to be at the latest level; it never goes back. */
  #isCurrent = false;

  constructor(options: LibsqlOptions) {
    super();
    this.#options = options;
    this.#place = options.redacted ?? describe(options.location);
    this.capabilities = options.location.type === 'memory' ? memoryCapabilities : capabilities;
    const driver = () => this.#open().driver;
    const searcher = () => this.#open().searcher;
    const always: CallRunner = (callOptions, work) => this.run(callOptions, work);
    const run: CallRunner = (callOptions, work) => this.#whenCurrent(callOptions, work);
    this.migrator = new SchemaMigrator({ run: always, driver, location: this.#place });
    this.catalog = new SqlCatalog({
      run,
      driver,
      vectorsOfPages: (pageIds) => vectorsOfPages(driver(), pageIds),
    });
    this.vectors = new LibsqlVectorIndex({ run, driver, searcher, capabilities: this.capabilities });
    this.fts = new LibsqlFtsIndex(run, driver, () => this.#open().words);
  }

  apply<const M extends readonly Mutation[]>(mutations: M, options?: CallOptions): Promise<ResultsOf<M>> {
    return this.#whenCurrent(options, () => {
      const { driver } = this.#open();
      return applyMutations(
        { backend: BACKEND_NAME, driver, chunks: new LibsqlChunkStore(driver) },
        mutations,
      );
    });
  }

  candidates(request: CandidateRequest, options?: CallOptions): Promise<Candidates> {
    return this.#whenCurrent(options, () => {
      const { driver, searcher, words } = this.#open();
      return gatherCandidates(
        driver,
        {
          nearest: (versionId, { values, limit, mode }) =>
            findNearest(driver, searcher, this.capabilities, {
              version: { versionId },
              vector: values,
              limit,
              mode,
            }),
          match: (versionId, query) => words.match(driver, versionId, query),
          structuralAmong: (ids) =>
            driver.all<{ id: ChunkId }>(STRUCTURAL_AMONG, [JSON.stringify(ids)]).map(({ id }) => id),
        },
        request,
      );
    });
  }

  optimize(options?: CallOptions): Promise<void> {
    return this.#whenCurrent(options, () =>
      optimizeStore(this.#open().driver, { isFile: this.#options.location.type === 'file' }),
    );
  }

  inspect(options?: CallOptions): Promise<BackendReport> {
    return this.#whenCurrent(options, () => ({
      backend: this.name,
      location: this.#place,
      capabilities: this.capabilities,
      ...inspectStore(this.#open().driver, pathOf(this.#options.location)),
      vectorCache: this.#open().cache.report(),
      wordCache: this.#open().words.report(),
    }));
  }

  protected async doOpen(options: CallOptions | undefined): Promise<void> {
    const driver = this.#connect();
    try {
      if (this.#options.migrate !== 'manual') {
        migrateSchema(driver, this.#place, { signal: options?.signal, deadline: options?.deadline });
      }
      this.#isCurrent = schemaStatus(driver).state === 'current';
    } catch (error) {
      driver.close();
      throw error;
    }
    const { vectorCacheMiB = defaults.vectorCacheMiB, wordCacheMiB = defaults.wordCacheMiB } = this.#options;
    const cache = new CodeCache(vectorCacheMiB * MIB);
    const searcher = new CertifiedSearch(driver, cache, new ExactScan(driver));
    this.#connection = { driver, cache, searcher, words: new WordSearch(wordCacheMiB * MIB) };
  }

  protected async doClose(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    connection?.words.close();
    connection?.driver.close();
  }

  #connect(): SqliteDriver {
    const { location, mustExist = false } = this.#options;
    const { busyTimeoutMs = defaults.busyTimeoutMs } = this.#options;
    const { cacheMiB = defaults.cacheMiB, mmapMiB = defaults.mmapMiB } = this.#options;
    switch (location.type) {
      case 'memory':
        return openMemory();
      case 'file':
        return openFile(location.path, { busyTimeoutMs, cacheMiB, mmapMiB, mustExist });
      case 'server':
      case 'replica':
        throw new StorageError(
          'STORAGE_NOT_SUPPORTED',
          `This version opens local files and :memory:, and not yet a ${location.type}: ${this.#place}.`,
          { backend: BACKEND_NAME, details: { capability: `location:${location.type}` } },
        );
    }
  }

  #open(): OpenStore {
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
    const { state, level, latest } = schemaStatus(this.#open().driver);
    this.#isCurrent = state === 'current';
    if (this.#isCurrent) return;
    throw new StorageError(
      'STORAGE_SCHEMA_OUTDATED',
      `The store has ${level === null ? 'no schema yet' : `schema level ${level}`}, this backend works on level ` +
        `${latest}, and migrate=manual was asked for. Call migrator.migrate(), or open the store with migrate=auto.`,
      { backend: this.name, outcome: 'not-applied', details: { level, latest } },
    );
  }
}

function pathOf(location: Location): string | null {
  return location.type === 'file' ? location.path : null;
}

function describe(location: Location): string {
  switch (location.type) {
    case 'memory':
      return ':memory:';
    case 'server':
      return location.url;
    case 'file':
    case 'replica':
      return location.path;
  }
}
