import { applyMutations, gatherCandidates, SqlCatalog, type SqliteDriver } from '@switchyard/sqlite-common';
import {
  type AuthToken,
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
  isStorageError,
  type Location,
  type Migrator,
  type Mutation,
  type ResultsOf,
  type StorageBackend,
  type StoreMaintenance,
  schemaOutdated,
  shownUrl,
  TokenSource,
  type VectorIndex,
  type VectorStaging,
} from '@switchyard/storage-core';
import {
  BACKEND_NAME,
  capabilities,
  memoryCapabilities,
  replicaCapabilities,
  serverCapabilities,
} from './capabilities.js';
import { LibsqlChunkStore } from './chunks/libsql-chunk-store.js';
import { RemoteDriver } from './driver/remote-driver.js';
import { openWithToken, runRemotely } from './driver/renewed-token.js';
import { withTrueOutcome } from './driver/true-outcome.js';
import { LibsqlFtsIndex } from './fulltext/fts-index.js';
import { STRUCTURAL_AMONG } from './fulltext/statements.js';
import { WordSearch } from './fulltext/words/word-search.js';
import { LibsqlMaintenance } from './maintenance/maintenance.js';
import { migrateSchema, schemaStatus } from './schema/migrate.js';
import { SchemaMigrator } from './schema/schema-migrator.js';
import { readSchemaState } from './schema/state.js';
import { applyRemotely, type RemoteApplyContext } from './server/apply.js';
import { OwnWrites } from './server/own-writes.js';
import { replicaLimits, serverLimits } from './server/pack-pages.js';
import { ServerSearch } from './server/search.js';
import { inspectStore } from './store/inspect.js';
import { openFile, openMemory } from './store/local-file.js';
import { optimizeStore } from './store/optimize.js';
import { Replica } from './store/replica.js';
import { openServer, requireStore } from './store/server.js';
import { CertifiedSearch } from './vectors/certified-search.js';
import { CodeCache } from './vectors/codes/code-cache.js';
import { DiskannSearch } from './vectors/diskann/diskann-search.js';
import { LibsqlNeighbourIndexes } from './vectors/diskann/neighbour-indexes.js';
import { ExactScan } from './vectors/exact-scan.js';
import { readProfile } from './vectors/profile.js';
import { createStaging } from './vectors/staging.js';
import { UnchangedSearch } from './vectors/unchanged-search.js';
import { findNearest, LibsqlVectorIndex } from './vectors/vector-index.js';
import type { VectorSearcher } from './vectors/vector-searcher.js';
import { vectorsOfPages } from './vectors/vectors-of-pages.js';

/** What there is while a store is open. */
interface OpenStore {
  readonly driver: SqliteDriver;
  /** Closes the driver and releases what it held. */
  readonly close: () => Promise<void>;
  readonly searcher: VectorSearcher;
  readonly unchanged: UnchangedSearch;
  readonly cache: CodeCache;
  readonly words: WordSearch;
  /** On a server every search is one statement; elsewhere null. */
  readonly server: ServerSearch | null;
  /** How writes are sent to a server; null where they are not. */
  readonly remoteWrites: Omit<RemoteApplyContext, 'driver'> | null;
  /** Waits for what was written through a server that lags behind another. */
  readonly ownWrites: OwnWrites;
  readonly replica: Replica | null;
}

/** A connection that was just made. */
interface Connected extends Pick<OpenStore, 'driver' | 'close'> {
  /** To be called when the schema is there. */
  readonly ready: () => void;
}

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
   * Memory for the codes of versions that were searched, in MiB, from 0. Default 512. Versions that do not fit are
   * searched from the codes in the store, and with 0 the engine's own scan serves: the same results, later.
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
  /** Token of the server, or a function that fetches one: see `CreateOptions.authToken`. */
  readonly authToken?: AuthToken | null | undefined;
  /** How often a replica fetches what others wrote, in seconds, from 1. Default: when it is opened and on demand. */
  readonly syncIntervalSeconds?: number | undefined;
  /** Does the maintenance in place of this backend, such as in a child process. Default: none. */
  readonly maintenance?: StoreMaintenance | undefined;
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

const MIB = 2 ** 20;
/** Text and float32 vectors of some seventy chunks: about ten milliseconds. */
const WRITE_BYTES = 300_000;
/** What is read from a server at once: answers stay well below the 10 MB that sqld sends. */
const BYTES_AT_ONCE = 3_000_000;
/** Texts are some kilobytes. */
const CHUNKS_AT_ONCE = 500;

/**
 * A store on libSQL: catalog, full text and vectors in one database.
 *
 * Calls run on the thread that makes them: the driver is synchronous.
 */
export class LibsqlBackend extends BackendBase {
  readonly name = BACKEND_NAME;
  readonly capabilities: Capabilities;
  readonly writeBytesMax: number | undefined;
  readonly migrator: Migrator;
  readonly catalog: Catalog;
  readonly vectors: VectorIndex;
  readonly fts: FtsIndex;
  readonly staging: VectorStaging;
  readonly maintenance: StoreMaintenance;

  /** Of a replica only. */
  declare readonly sync?: NonNullable<StorageBackend['sync']>;

  /** Where `diskann` is among the search modes. */
  declare readonly neighbourIndexes?: StorageBackend['neighbourIndexes'];

  readonly #options: LibsqlOptions;
  readonly #place: string;
  readonly #tokens: TokenSource;
  #connection: OpenStore | null = null;
  #syncTimer: NodeJS.Timeout | undefined;
  /** Whether the schema was once seen to be at the latest level; it never goes back. */
  #isCurrent = false;

  constructor(options: LibsqlOptions) {
    super();
    this.#options = options;
    this.#place = options.redacted ?? describe(options.location);
    this.#tokens = new TokenSource(options.authToken);
    this.capabilities = capabilitiesOf(options.location);
    const { type } = options.location;
    this.writeBytesMax = type === 'file' || type === 'memory' ? WRITE_BYTES : undefined;
    if (options.location.type === 'replica') {
      this.sync = (callOptions) => this.#withToken(callOptions, () => this.#requireReplica().sync());
    }
    const driver = () => this.#open().driver;
    const searcher = () => this.#open().searcher;
    const unchanged = () => this.#open().unchanged;
    const server = () => this.#open().server;
    const always: CallRunner = (callOptions, work) => this.#withToken(callOptions, work);
    const run: CallRunner = (callOptions, work) => this.#whenCurrent(callOptions, work);
    this.migrator = new SchemaMigrator({ run: always, driver, location: this.#place });
    const isServer = options.location.type === 'server';
    this.catalog = new SqlCatalog({
      run,
      driver,
      vectorsOfPages: (pageIds) => vectorsOfPages(driver(), pageIds, isServer ? BYTES_AT_ONCE : undefined),
      chunksAtOnce: isServer ? CHUNKS_AT_ONCE : undefined,
    });
    this.vectors = new LibsqlVectorIndex({
      run,
      driver,
      searcher,
      unchanged,
      server,
      capabilities: this.capabilities,
    });
    const isRemote = isServer || options.location.type === 'replica';
    this.staging = createStaging({ run, driver, isRemote });
    if (this.capabilities.searchModes.includes('diskann'))
      this.neighbourIndexes = new LibsqlNeighbourIndexes(run, driver);
    this.maintenance = new LibsqlMaintenance({
      run,
      driver,
      location: options.location,
      elsewhere: options.maintenance ?? null,
    });
    this.fts = new LibsqlFtsIndex(run, driver, () => this.#open().words, server);
  }

  apply<const M extends readonly Mutation[]>(mutations: M, options?: CallOptions): Promise<ResultsOf<M>> {
    return this.#whenCurrent(options, () => {
      const { driver, remoteWrites } = this.#open();
      if (remoteWrites !== null) return applyRemotely({ driver, ...remoteWrites }, mutations);
      return applyMutations(
        { backend: BACKEND_NAME, driver, chunks: new LibsqlChunkStore(driver, { first: mutations[0] }) },
        mutations,
      );
    });
  }

  candidates(request: CandidateRequest, options?: CallOptions): Promise<Candidates> {
    return this.#whenCurrent(options, () => {
      const { driver, searcher, words, server } = this.#open();
      if (server !== null) return server.candidates(request);
      return gatherCandidates(
        driver,
        {
          nearest: (versionId, { values, limit, mode, model }) =>
            findNearest(driver, searcher, this.capabilities, {
              version: { versionId },
              vector: values,
              limit,
              mode,
              model,
            }),
          match: (versionId, query) => words.match(driver, versionId, query),
          structuralAmong: (ids, versionId) =>
            driver
              .all<{ id: ChunkId }>(STRUCTURAL_AMONG, [JSON.stringify(ids), versionId])
              .map(({ id }) => id),
        },
        request,
      );
    });
  }

  optimize(options?: CallOptions): Promise<void> {
    return this.#whenCurrent(options, () =>
      optimizeStore(this.#open().driver, this.#options.location.type, options),
    );
  }

  inspect(options?: CallOptions): Promise<BackendReport> {
    return this.#whenCurrent(options, () => {
      const { driver, cache, words, server, replica } = this.#open();
      return {
        backend: this.name,
        location: this.#place,
        capabilities: this.capabilities,
        ...inspectStore(driver, pathOf(this.#options.location)),
        ...(server === null ? { vectorCache: cache.report(), wordCache: words.report() } : {}),
        ...(replica === null ? {} : { replication: replica.report() }),
      };
    });
  }

  protected async doOpen(options: CallOptions | undefined): Promise<void> {
    const { type } = this.#options.location;
    if (type !== 'server' && type !== 'replica') return this.#openOnce(options);
    await openWithToken(this.#tokens, () => this.#openOnce(options));
  }

  async #openOnce(options: CallOptions | undefined): Promise<void> {
    const replica = await this.#openReplica();
    const { driver, close, ready } =
      replica === null
        ? await this.#connect()
        : { driver: replica.driver, close: () => replica.close(), ready: () => undefined };
    const ownWrites = new OwnWrites(driver);
    try {
      const state = readSchemaState(driver);
      const { location, migrate } = this.#options;
      if (location.type === 'server') requireStore(state, location.url);
      if (location.type === 'replica') requireStore(state, location.syncUrl);
      const isAutomatic = migrate !== 'manual';
      if (isAutomatic) {
        const { signal, deadline } = options ?? {};
        const { applied } = migrateSchema(driver, this.#place, state, { signal, deadline });
        if (location.type === 'server' && applied.length > 0) {
          await ownWrites.awaitSchema((seen) => schemaStatus(seen).state === 'current', options);
        }
      }
      this.#isCurrent = isAutomatic || schemaStatus(state).state === 'current';
      if (this.#isCurrent) ready();
    } catch (error) {
      await close();
      throw error;
    }
    const server =
      this.#options.location.type === 'server' ? new ServerSearch(driver, this.capabilities) : null;
    const remoteWrites =
      server !== null
        ? { limits: serverLimits, profile: () => server.profile }
        : replica !== null
          ? { limits: replicaLimits, profile: () => readProfile(driver) }
          : null;
    const { vectorCacheMiB = defaults.vectorCacheMiB, wordCacheMiB = defaults.wordCacheMiB } = this.#options;
    const cache = new CodeCache(vectorCacheMiB * MIB);
    const searcher = new DiskannSearch(driver, new CertifiedSearch(driver, cache, new ExactScan(driver)));
    const unchanged = new UnchangedSearch(driver, cache);
    const words = new WordSearch(wordCacheMiB * MIB);
    this.#connection = {
      driver,
      close,
      cache,
      searcher,
      unchanged,
      words,
      server,
      remoteWrites,
      ownWrites,
      replica,
    };
    this.#startSyncing(replica);
  }

  /** A sync that fails is no error of any call: it is shown by `inspect`, and the next one comes. */
  #startSyncing(replica: Replica | null): void {
    const { syncIntervalSeconds } = this.#options;
    if (replica === null || syncIntervalSeconds === undefined) return;
    const sync = () => this.#withToken(undefined, () => replica.sync());
    this.#syncTimer = setInterval(() => {
      sync().catch((error: unknown) => {
        if (!isStorageError(error)) throw error;
      });
    }, syncIntervalSeconds * 1000).unref();
  }

  protected async doClose(): Promise<void> {
    clearInterval(this.#syncTimer);
    const connection = this.#connection;
    this.#connection = null;
    connection?.words.close();
    await connection?.close();
  }

  async #connect(): Promise<Connected> {
    const { location, mustExist = false } = this.#options;
    const { busyTimeoutMs = defaults.busyTimeoutMs } = this.#options;
    const { cacheMiB = defaults.cacheMiB, mmapMiB = defaults.mmapMiB } = this.#options;
    switch (location.type) {
      case 'memory':
        return closedByItself(openMemory());
      case 'file': {
        const file = await openFile(location.path, { busyTimeoutMs, cacheMiB, mmapMiB, mustExist });
        return { driver: file.driver, close: () => file.close(), ready: () => file.ready() };
      }
      case 'server':
        return closedByItself(openServer(location.url, this.#tokens));
      case 'replica':
        throw new TypeError('A replica is opened by openReplica.');
    }
  }

  async #openReplica(): Promise<Replica | null> {
    const { location } = this.#options;
    if (location.type !== 'replica') return null;
    return Replica.open({ path: location.path, syncUrl: location.syncUrl, tokens: this.#tokens });
  }

  #requireReplica(): Replica {
    const { replica } = this.#open();
    if (replica === null) throw new TypeError('This store is no replica.');
    return replica;
  }

  #open(): OpenStore {
    if (this.#connection === null)
      throw new TypeError('The connection is only there while the backend is open.');
    return this.#connection;
  }

  #whenCurrent<T>(options: CallOptions | undefined, work: () => T | Promise<T>): Promise<T> {
    return this.#withToken(options, () => {
      this.#requireCurrent();
      return work();
    });
  }

  /** Runs a call; once more with another token when its token was refused and nothing of it was done. */
  #withToken<T>(options: CallOptions | undefined, work: () => T | Promise<T>): Promise<T> {
    return this.run(options, () => {
      const { driver, ownWrites } = this.#open();
      if (!(driver instanceof RemoteDriver)) return work();
      return ownWrites.visible(driver, options, () =>
        runRemotely(driver, this.#tokens, () => withTrueOutcome(driver, work)),
      );
    });
  }

  #requireCurrent(): void {
    if (this.#isCurrent) return;
    const status = schemaStatus(readSchemaState(this.#open().driver));
    this.#isCurrent = status.state === 'current';
    if (!this.#isCurrent) throw schemaOutdated(this.name, status);
  }
}

/** A connection to a place that is no file of this process. */
function closedByItself(driver: SqliteDriver): Connected {
  return { driver, close: async () => driver.close(), ready: () => undefined };
}

function capabilitiesOf({ type }: Location): Capabilities {
  if (type === 'memory') return memoryCapabilities;
  if (type === 'server') return serverCapabilities;
  return type === 'replica' ? replicaCapabilities : capabilities;
}

function pathOf(location: Location): string | null {
  return location.type === 'file' || location.type === 'replica' ? location.path : null;
}

function describe(location: Location): string {
  switch (location.type) {
    case 'memory':
      return ':memory:';
    case 'server':
      return shownUrl(location.url);
    case 'file':
    case 'replica':
      return location.path;
  }
}
