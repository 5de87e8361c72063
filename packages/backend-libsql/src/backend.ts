import {
  beforeWriting,
  createSqlChangeLog,
  SqlCatalog,
  type SqlLogContext,
  SqlLogRecords,
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
  type CandidateRequest,
  type Candidates,
  type Catalog,
  type ChangeLog,
  checkCall,
  type FtsIndex,
  type Migrator,
  type ResultsOf,
  type StoreMaintenance,
  shownUrl,
  sqlTimestamp,
  TokenSource,
  type VectorIndex,
  type VectorStaging,
  withinCall,
} from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from './capabilities.js';
import { openWithToken } from './driver/renewed-token.js';
import { LibsqlFtsIndex } from './fts/fts-index.js';
import { LibsqlMaintenance } from './maintenance/maintenance.js';
import type { LibsqlOptions } from './options.js';
import { SchemaMigrator } from './schema/schema-migrator.js';
import { openSession } from './sessions/open-session.js';
import { SchemaGate } from './sessions/schema-gate.js';
import type { Session, SessionRunners } from './sessions/session.js';
import { inspectStore } from './store/inspect.js';
import { traitsOf } from './store-traits.js';
import { LibsqlAnnIndexes } from './vectors/diskann/ann-indexes.js';
import { createStaging } from './vectors/staging.js';
import { LibsqlVectorIndex } from './vectors/vector-index.js';
import { vectorsOfPages } from './vectors/vectors-of-pages.js';

/**
 * A libSQL store: catalog, full text and vectors in one database.
 *
 * Calls run on the calling thread, because the driver is synchronous.
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
  readonly changeLog: ChangeLog;

  /** Only of replicas. */
  declare readonly sync?: NonNullable<StorageBackend['sync']>;

  /** Only with the search mode `diskann`. */
  declare readonly annIndexes?: StorageBackend['annIndexes'];

  readonly #catalog: SqlCatalog;
  readonly #options: LibsqlOptions;
  readonly #place: string;
  readonly #tokens: TokenSource;
  #gate: SchemaGate | null = null;
  /** Session of the current call. */
  #active: Session | null = null;
  #syncTimer: NodeJS.Timeout | undefined;

  constructor(options: LibsqlOptions) {
    super();
    const { location, maintenance, longCalls = null } = options;
    const { capabilities, ...traits } = traitsOf(location);
    this.#options = options;
    this.#place = options.redacted ?? describe(location);
    this.#tokens = new TokenSource(traits.usesToken === true ? options.authToken : undefined);
    this.capabilities = capabilities;
    this.writeBytesMax = traits.writeBytesMax;
    const runners: SessionRunners = {
      read: (callOptions, work) => this.#read(callOptions, work),
      write: (callOptions, work) => this.#write(callOptions, work),
    };
    const session = () => this.#current();
    const driver = () => session().driver;
    this.migrator = new SchemaMigrator({
      run: (callOptions, work) => this.#call(callOptions, () => this.#attached(callOptions, false, work)),
      driver: () => this.#open().session.driver,
      location: this.#place,
      prepare: (callOptions) =>
        this.#attached(callOptions, true, () => beforeWriting(() => this.#open().session.prepare())),
      made: (callOptions) => this.#open().session.awaitSchema(callOptions),
    });
    this.#catalog = new SqlCatalog({
      run: runners.read,
      driver,
      vectorsOfPages: (pageIds) => vectorsOfPages(driver(), pageIds, traits.snapshotVectorBytesMax),
      chunksAtOnce: traits.snapshotChunksMax,
    });
    this.catalog = this.#catalog;
    this.changeLog = createSqlChangeLog({
      backend: BACKEND_NAME,
      run: runners.read,
      runWrite: runners.write,
      driver,
      records: () => {
        const chunks = session().chunkStore();
        return this.#logRecords(session(), { chunks, now: sqlTimestamp() });
      },
      syncs: traits.usesToken !== true,
    });
    this.vectors = new LibsqlVectorIndex(runners, longCalls);
    this.fts = new LibsqlFtsIndex(runners, longCalls);
    this.staging = createStaging({ ...runners, session, longCalls, chunksAtOnce: traits.stagingChunksMax });
    this.maintenance = new LibsqlMaintenance({
      ...runners,
      isStandIn: (active) => active !== this.#open().session,
      elsewhere: maintenance ?? null,
    });
    if (capabilities.searchModes.includes('diskann')) this.annIndexes = new LibsqlAnnIndexes(runners);
    if (traits.syncs === true) this.sync = (callOptions) => this.#sync(callOptions);
  }

  apply<const M extends readonly Mutation[]>(mutations: M, options?: CallOptions): Promise<ResultsOf<M>> {
    return this.#write(options, (session) =>
      session.apply(mutations, { options, records: (write) => this.#logRecords(session, write) }),
    );
  }

  /** Records of a rollout, for one transaction. */
  #logRecords({ driver }: Session, write: Pick<SqlLogContext, 'chunks' | 'now'>): SqlLogRecords {
    return new SqlLogRecords({ driver, readPage: (id) => this.#catalog.readPage(driver, id), ...write });
  }

  candidates(request: CandidateRequest, options?: CallOptions): Promise<Candidates> {
    return this.#read(options, (session) => session.search.candidates(request));
  }

  optimize(options?: CallOptions): Promise<void> {
    return this.#write(options, (session) => session.optimize(options));
  }

  inspect(options?: CallOptions): Promise<BackendReport> {
    return this.#read(options, (active) => {
      const { session } = this.#open();
      return {
        backend: this.name,
        location: this.#place,
        capabilities: this.capabilities,
        ...inspectStore(active.driver, traitsOf(this.#options.location).path),
        ...(active === session ? {} : { schemaLevel: 0 }),
        ...session.report(),
      };
    });
  }

  protected async doOpen(options: CallOptions | undefined): Promise<void> {
    await openWithToken(this.#tokens, () => this.#openOnce(options));
    const { syncIntervalSeconds } = this.#options;
    if (this.sync !== undefined && syncIntervalSeconds !== undefined) this.#startSyncing(syncIntervalSeconds);
  }

  async #openOnce(options: CallOptions | undefined): Promise<void> {
    const { migrate = 'create', mustExist = false } = this.#options;
    const session = await openSession(this.#options, this.#tokens);
    try {
      checkCall(options, BACKEND_NAME);
      const place = this.#place;
      this.#gate = new SchemaGate(session, { place, capabilities: this.capabilities, migrate, mustExist });
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  protected async doClose(): Promise<void> {
    clearInterval(this.#syncTimer);
    const gate = this.#gate;
    this.#gate = null;
    this.#active = null;
    gate?.close();
    await gate?.session.close();
  }

  #sync(options: CallOptions | undefined) {
    return this.#call(options, () => {
      const { session } = this.#open();
      if (session.sync === undefined) throw new TypeError('This store is not a replica.');
      return session.sync();
    });
  }

  /** A sync that fails is not an error of any call: `inspect` reports it, and the next one follows. */
  #startSyncing(intervalSeconds: number): void {
    this.#syncTimer = setInterval(() => {
      this.#sync(undefined).catch((error: unknown) => {
        if (!isStorageError(error)) throw error;
      });
    }, intervalSeconds * 1000).unref();
  }

  #current(): Session {
    if (this.#active === null) throw new TypeError('There is a session only during a call.');
    return this.#active;
  }

  #open(): SchemaGate {
    if (this.#gate === null) throw new TypeError('There is a session only while the backend is open.');
    return this.#gate;
  }

  #call<T>(options: CallOptions | undefined, work: () => T | Promise<T>): Promise<T> {
    return this.run(options, () => this.#open().session.call(options, work));
  }

  #read<T>(options: CallOptions | undefined, work: (session: Session) => T | Promise<T>): Promise<T> {
    return this.#call(options, () =>
      this.#attached(options, false, () => {
        const session = this.#open().forReading();
        this.#active = session;
        return work(session);
      }),
    );
  }

  #write<T>(options: CallOptions | undefined, work: (session: Session) => T | Promise<T>): Promise<T> {
    const write = () => {
      const gate = this.#open();
      const wasCurrent = gate.isCurrent;
      const session = gate.forWriting(options);
      this.#active = session;
      const written = () => withLocalOutcome(session.driver, () => work(session));
      return wasCurrent ? written() : session.awaitSchema(options).then(written);
    };
    // A write that may not create the schema does not create the file either.
    const create = this.#options.migrate !== 'manual';
    return this.#call(options, () => {
      const room = this.#open().session.driver.room?.() ?? null;
      if (room === null) return this.#attached(options, create, write);
      // The signal and the deadline end the wait; nothing is written then.
      return withinCall(options, BACKEND_NAME, room).then(() => this.#attached(options, create, write));
    });
  }

  /** Runs work on the store, which may have been created since it was opened. */
  #attached<T>(
    options: CallOptions | undefined,
    create: boolean,
    work: () => T | Promise<T>,
  ): T | Promise<T> {
    const attaching = this.#open().session.attach(create);
    if (attaching === null) return work();
    const attached = withinCall(options, BACKEND_NAME, attaching);
    return (create ? attached.catch(throwNotApplied) : attached).then(work);
  }
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
