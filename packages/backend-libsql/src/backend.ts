import {
  applyMutations,
  beforeWriting,
  SqlCatalog,
  type SqliteDriver,
  throwNotApplied,
  withLocalOutcome,
} from '@switchyard/sqlite-common';
import {
  type BackendReport,
  type CallOptions,
  type Capabilities,
  isStorageError,
  type Location,
  type Mutation,
  type StorageBackend,
} from '@switchyard/storage-core';
import {
  BackendBase,
  type CallRunner,
  type CandidateRequest,
  type Candidates,
  type Catalog,
  checkCall,
  type FtsIndex,
  type Migrator,
  type ResultsOf,
  type StoreMaintenance,
  shownUrl,
  TokenSource,
  type VectorIndex,
  type VectorStaging,
  withinCall,
} from '@switchyard/storage-core/backend';
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
import { LibsqlFtsIndex } from './fts/fts-index.js';
import { LibsqlMaintenance } from './maintenance/maintenance.js';
import { defaults, type LibsqlOptions } from './options.js';
import { schemaStatus } from './schema/migrate.js';
import { SchemaMigrator } from './schema/schema-migrator.js';
import { LocalSearch } from './search/local-search.js';
import { applyRemotely } from './server/apply.js';
import { OwnWrites } from './server/own-writes.js';
import { replicaLimits, serverLimits } from './server/pack-pages.js';
import { ServerSearch } from './server/search.js';
import { inspectStore } from './store/inspect.js';
import { openFile, openMemory } from './store/local-file.js';
import type { OpenStore } from './store/open-store.js';
import { optimizeStore } from './store/optimize.js';
import { Replica } from './store/replica.js';
import { openServer } from './store/server.js';
import { StoreSession } from './store/session.js';
import { LibsqlAnnIndexes } from './vectors/diskann/ann-indexes.js';
import { readProfile } from './vectors/profile.js';
import { createStaging } from './vectors/staging.js';
import { LibsqlVectorIndex } from './vectors/vector-index.js';
import { vectorsOfPages } from './vectors/vectors-of-pages.js';

/** What there is while a backend is open. */
interface Connection {
  readonly session: StoreSession;
  /** Waits for what was written through a server that lags behind another. */
  readonly ownWrites: OwnWrites;
  readonly replica: Replica | null;
  /** See `OpenFile.attach`. */
  readonly attach: Attach;
  /** Closes the connection and releases what it held. */
  readonly close: () => Promise<void>;
}

type Attach = (create: boolean) => Promise<void> | null;

/** A connection that was just made. */
interface Connected {
  readonly driver: SqliteDriver;
  readonly attach: Attach;
  readonly close: () => Promise<void>;
  /** To be called when the schema is there. */
  readonly ready: () => void;
}

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
  readonly contractVersion = 1;
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
  declare readonly annIndexes?: StorageBackend['annIndexes'];

  readonly #options: LibsqlOptions;
  readonly #place: string;
  readonly #tokens: TokenSource;
  #connection: Connection | null = null;
  /** What the call of the moment works on. */
  #active: OpenStore | null = null;
  #syncTimer: NodeJS.Timeout | undefined;

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
    const search = () => this.#open().search;
    const always: CallRunner = (callOptions, work) =>
      this.#withToken(callOptions, () => this.#attached(callOptions, false, work));
    const run: CallRunner = (callOptions, work) => this.#read(callOptions, work);
    const runWrite: CallRunner = (callOptions, work) => this.#write(callOptions, work);
    this.migrator = new SchemaMigrator({
      run: always,
      driver: () => this.#connected().session.main.driver,
      location: this.#place,
      prepare: (callOptions) =>
        this.#attached(callOptions, true, () => beforeWriting(() => this.#connected().session.prepareFile())),
      made: (callOptions) => this.#awaitSchema(callOptions),
    });
    const isServer = options.location.type === 'server';
    this.catalog = new SqlCatalog({
      run,
      driver,
      vectorsOfPages: (pageIds) => vectorsOfPages(driver(), pageIds, isServer ? BYTES_AT_ONCE : undefined),
      chunksAtOnce: isServer ? CHUNKS_AT_ONCE : undefined,
    });
    this.vectors = new LibsqlVectorIndex({ run, runWrite, driver, search });
    const isRemote = isServer || options.location.type === 'replica';
    this.staging = createStaging({ run, runWrite, driver, isRemote });
    if (this.capabilities.searchModes.includes('diskann'))
      this.annIndexes = new LibsqlAnnIndexes(run, runWrite, driver);
    this.maintenance = new LibsqlMaintenance({
      run,
      runWrite,
      driver,
      readsStandIn: () => driver() !== this.#connected().session.main.driver,
      location: options.location,
      elsewhere: options.maintenance ?? null,
    });
    this.fts = new LibsqlFtsIndex(run, runWrite, driver, search);
  }

  apply<const M extends readonly Mutation[]>(mutations: M, options?: CallOptions): Promise<ResultsOf<M>> {
    return this.#write(options, () => {
      const { driver, remoteWrites } = this.#open();
      if (remoteWrites !== null) return applyRemotely({ driver, ...remoteWrites }, mutations);
      return applyMutations(
        { backend: BACKEND_NAME, driver, chunks: new LibsqlChunkStore(driver, { first: mutations[0] }) },
        mutations,
      );
    });
  }

  candidates(request: CandidateRequest, options?: CallOptions): Promise<Candidates> {
    return this.#read(options, () => this.#open().search.candidates(request));
  }

  optimize(options?: CallOptions): Promise<void> {
    return this.#write(options, () =>
      optimizeStore(this.#open().driver, this.#options.location.type, options),
    );
  }

  inspect(options?: CallOptions): Promise<BackendReport> {
    return this.#read(options, () => {
      const { driver, search } = this.#open();
      const { session, replica } = this.#connected();
      return {
        backend: this.name,
        location: this.#place,
        capabilities: this.capabilities,
        ...inspectStore(driver, pathOf(this.#options.location)),
        ...(driver === session.main.driver ? {} : { schemaLevel: 0 }),
        ...search.report(),
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
    const { driver, attach, close, ready } =
      replica === null ? await this.#connect() : alwaysThere(replica.driver, () => replica.close());
    const ownWrites = new OwnWrites(driver);
    try {
      checkCall(options, BACKEND_NAME);
      const { location, migrate = 'create', mustExist = false } = this.#options;
      const { busyTimeoutMs = defaults.busyTimeoutMs } = this.#options;
      const session = new StoreSession(this.#assemble(driver, replica), {
        location,
        place: this.#place,
        migrate,
        mustExist,
        busyTimeoutMs,
        ready,
      });
      this.#connection = { session, ownWrites, replica, attach, close };
    } catch (error) {
      await close();
      throw error;
    }
    this.#startSyncing(replica);
  }

  #assemble(driver: SqliteDriver, replica: Replica | null): OpenStore {
    const { vectorCacheMiB = defaults.vectorCacheMiB, ftsCacheMiB = defaults.ftsCacheMiB } = this.#options;
    if (this.#options.location.type === 'server') {
      const search = new ServerSearch(driver, this.capabilities);
      return { driver, search, remoteWrites: { limits: serverLimits, profile: () => search.profile } };
    }
    const search = new LocalSearch(driver, this.capabilities, {
      vectorCacheBytes: vectorCacheMiB * MIB,
      ftsCacheBytes: ftsCacheMiB * MIB,
    });
    const remoteWrites =
      replica === null ? null : { limits: replicaLimits, profile: () => readProfile(driver) };
    return { driver, search, remoteWrites };
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
    this.#active = null;
    connection?.session.main.search.close();
    connection?.session.close();
    await connection?.close();
  }

  async #connect(): Promise<Connected> {
    const { location, mustExist = false } = this.#options;
    const { busyTimeoutMs = defaults.busyTimeoutMs } = this.#options;
    const { cacheMiB = defaults.cacheMiB, mmapMiB = defaults.mmapMiB } = this.#options;
    switch (location.type) {
      case 'memory':
        return alwaysThere(openMemory());
      case 'file': {
        const file = await openFile(location.path, { busyTimeoutMs, cacheMiB, mmapMiB, mustExist });
        return {
          driver: file.driver,
          attach: (create) => file.attach(create),
          close: () => file.close(),
          ready: () => file.ready(),
        };
      }
      case 'server':
        return alwaysThere(openServer(location.url, this.#tokens));
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
    const { replica } = this.#connected();
    if (replica === null) throw new TypeError('This store is no replica.');
    return replica;
  }

  #open(): OpenStore {
    if (this.#active === null) throw new TypeError('The connection is only there while a call is under way.');
    return this.#active;
  }

  #connected(): Connection {
    if (this.#connection === null)
      throw new TypeError('The connection is only there while the backend is open.');
    return this.#connection;
  }

  #read<T>(options: CallOptions | undefined, work: () => T | Promise<T>): Promise<T> {
    return this.#withToken(options, () =>
      this.#attached(options, false, () => {
        this.#active = this.#connected().session.forReading();
        return work();
      }),
    );
  }

  #write<T>(options: CallOptions | undefined, work: () => T | Promise<T>): Promise<T> {
    const write = () => {
      const { session } = this.#connected();
      const wasCurrent = session.isCurrent;
      this.#active = session.forWriting(options);
      const written = () => withLocalOutcome(this.#open().driver, work);
      return wasCurrent ? written() : this.#awaitSchema(options).then(written);
    };
    // A write that may not make the schema does not create the file either.
    const create = this.#options.migrate !== 'manual';
    return this.#withToken(options, () => {
      const room = this.#connected().session.main.driver.room?.() ?? null;
      if (room === null) return this.#attached(options, create, write);
      // The signal and the deadline end the wait; nothing is written then.
      return withinCall(options, BACKEND_NAME, room).then(() => this.#attached(options, create, write));
    });
  }

  /** Runs work on the file of the store, if there is one by now. */
  #attached<T>(
    options: CallOptions | undefined,
    create: boolean,
    work: () => T | Promise<T>,
  ): T | Promise<T> {
    const attaching = this.#connected().attach(create);
    if (attaching === null) return work();
    const attached = withinCall(options, BACKEND_NAME, attaching);
    return (create ? attached.catch(throwNotApplied) : attached).then(work);
  }

  /** A server may be a replica of another one, and show late what was made through it. */
  async #awaitSchema(options: CallOptions | undefined): Promise<void> {
    if (this.#options.location.type !== 'server') return;
    const { ownWrites } = this.#connected();
    await ownWrites.awaitSchema((seen) => schemaStatus(seen).state === 'current', options);
  }

  /** Runs a call; once more with another token when its token was refused and nothing of it was done. */
  #withToken<T>(options: CallOptions | undefined, work: () => T | Promise<T>): Promise<T> {
    return this.run(options, () => {
      const { session, ownWrites } = this.#connected();
      const { driver } = session.main;
      if (!(driver instanceof RemoteDriver)) return work();
      return ownWrites.visible(driver, options, () =>
        runRemotely(driver, this.#tokens, () => withTrueOutcome(driver, work)),
      );
    });
  }
}

/** A connection to a place that is there, or is created by the connection. */
function alwaysThere(driver: SqliteDriver, close = async () => driver.close()): Connected {
  return { driver, attach: () => null, close, ready: () => undefined };
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
