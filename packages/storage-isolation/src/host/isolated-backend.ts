import {
  type BackendReport,
  type CallOptions,
  type Capabilities,
  type Connection,
  type CreateOptions,
  type MigrateOptions,
  type Mutation,
  type StorageBackend,
  StorageError,
} from '@switchyard/storage-core';
import {
  BackendBase,
  type BackendDefinition,
  type Catalog,
  checkCall,
  type FtsIndex,
  type Migrator,
  type ResultsOf,
  requireContract,
  type VectorIndex,
  type VectorStaging,
} from '@switchyard/storage-core/backend';
import { type DefinitionReference, inlineConnection, resolveReference } from '../definition/reference.js';
import { LauncherShare } from '../launcher/shared-launcher.js';
import type { OpenedMessage } from '../protocol/messages.js';
import { type MethodName, methodInfo } from '../protocol/methods.js';
import { Call } from './call.js';
import { prepareLaunch } from './launch.js';
import { type IsolationOptions, resolveSettings, type Settings } from './options.js';
import {
  annIndexesOver,
  candidatesOver,
  catalogOver,
  ftsOver,
  maintenanceOver,
  migratorOver,
  type Send,
  stagingOver,
  vectorsOver,
} from './ports.js';
import { WorkerPool } from './worker-pool.js';

/** What {@link isolate} needs. */
export interface IsolationRequest {
  /** Of the backend; asked in this process for its name and capabilities only. */
  readonly definition: BackendDefinition;
  /** Where a child process finds the same definition. */
  readonly reference: DefinitionReference;
  readonly connection: Connection;
  readonly createOptions?: CreateOptions | undefined;
  readonly options?: IsolationOptions | undefined;
}

/** Process ids, of those that run at the moment. */
export interface Processes {
  readonly writer: number | null;
  readonly readers: readonly number[];
  /** Starts the others when they have to be replaced; shared by all isolated backends of this process. */
  readonly launcher: number | null;
}

/**
 * A backend that runs in child processes: one that writes, and as many readers as are wanted. It may hang, abort or
 * be killed; the calls under way then fail or are made again, and this process goes on. See docs/concepts/isolation.md.
 *
 * @throws TypeError for options that make no sense.
 */
export function isolate(request: IsolationRequest): IsolatedBackend {
  return new IsolatedBackend(request);
}

/** See {@link isolate}. */
export class IsolatedBackend extends BackendBase {
  readonly contractVersion = 1;
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly migrator: Migrator;
  readonly catalog: Catalog;
  readonly vectors: VectorIndex;
  readonly fts: FtsIndex;
  /** There when the backend in the child has it. */
  declare readonly candidates?: NonNullable<StorageBackend['candidates']>;
  /** The same. */
  declare readonly sync?: NonNullable<StorageBackend['sync']>;
  /** There when the backend in the child has it. */
  declare readonly optimize?: NonNullable<StorageBackend['optimize']>;
  /** There when the backend in the child has it. */
  declare readonly staging?: VectorStaging;
  /** The same. */
  declare readonly annIndexes?: StorageBackend['annIndexes'];
  /** The same. */
  declare readonly maintenance?: StorageBackend['maintenance'];
  readonly #settings: Settings;
  readonly #launcher = new LauncherShare();
  readonly #call: Send;
  readonly #newPool: (size: number) => WorkerPool;
  #writer: WorkerPool | null = null;
  #readers: WorkerPool | null = null;

  constructor({ definition, reference, connection, createOptions = {}, options = {} }: IsolationRequest) {
    super();
    const inline = inlineConnection(connection);
    // Never opened: it is asked what the backend can do, which has to be known before any child runs.
    const pattern = definition.create(inline, createOptions);
    requireContract(pattern);
    this.name = pattern.name;
    this.capabilities = pattern.capabilities;
    this.#settings = resolveSettings(options, connection, pattern.capabilities.persistent);
    const launch = prepareLaunch(
      this.name,
      resolveReference(reference),
      inline,
      createOptions,
      this.#settings,
      this.#launcher,
    );
    this.#newPool = (size) => new WorkerPool(launch, size, (opened) => this.#verifySame(opened));

    const send: Send = <T>(method: MethodName, args: readonly unknown[], callOptions?: MigrateOptions) =>
      this.run(callOptions, () => this.#send(method, args, callOptions) as Promise<T>);
    this.catalog = catalogOver(send);
    this.vectors = vectorsOver(send);
    this.fts = ftsOver(send);
    this.migrator = migratorOver(send);
    if (pattern.candidates !== undefined) this.candidates = candidatesOver(send);
    if (pattern.sync !== undefined) this.sync = (callOptions) => send('sync', [], callOptions);
    if (pattern.optimize !== undefined) this.optimize = (callOptions) => send('optimize', [], callOptions);
    if (pattern.staging !== undefined) this.staging = stagingOver(send);
    if (pattern.annIndexes !== undefined) this.annIndexes = annIndexesOver(send);
    if (pattern.maintenance !== undefined) this.maintenance = maintenanceOver(send);
    this.#call = send;
  }

  apply<const M extends readonly Mutation[]>(mutations: M, options?: CallOptions): Promise<ResultsOf<M>> {
    return this.#call('apply', [mutations], options);
  }

  inspect(options?: CallOptions): Promise<BackendReport> {
    return this.#call('inspect', [], options);
  }

  /** The ids of the child processes that run at this moment. */
  get processes(): Processes {
    return {
      writer: this.#writer?.pids[0] ?? null,
      readers: this.#readers?.pids ?? [],
      launcher: this.isOpen ? this.#launcher.pid : null,
    };
  }

  protected override async doOpen(options: CallOptions | undefined): Promise<void> {
    const deadline = options?.deadline ?? Date.now() + this.#settings.openTimeoutMs;
    const { readers } = this.#settings;
    const writer = this.#newPool(1);
    // The writer comes first: it creates or migrates what the readers then find.
    await this.#openPool(writer, deadline, options);
    if (readers > 0) {
      const pool = this.#newPool(readers);
      try {
        await this.#openPool(pool, deadline, options);
      } catch (error) {
        await writer.close(this.#settings.closeTimeoutMs);
        throw error;
      }
      this.#readers = pool;
    }
    this.#writer = writer;
    this.#launcher.acquire(this.#settings.launcherDelayMs);
  }

  protected override async doClose(): Promise<void> {
    const pools = [this.#readers, this.#writer];
    this.#readers = null;
    this.#writer = null;
    try {
      // The writer goes last: it may then tidy up what no reader holds any more, such as a write-ahead log.
      for (const pool of pools) await pool?.close(this.#settings.closeTimeoutMs);
    } finally {
      this.#launcher.release();
    }
  }

  async #openPool(pool: WorkerPool, deadline: number, options: CallOptions | undefined): Promise<void> {
    try {
      await pool.open(deadline, options?.signal);
    } catch (error) {
      checkCall({ signal: options?.signal }, this.name);
      throw error;
    }
  }

  #send(method: MethodName, args: readonly unknown[], options: MigrateOptions | undefined): Promise<unknown> {
    const info = methodInfo(method);
    const pool = (info.process === 'any' ? this.#readers : null) ?? this.#writer;
    if (pool === null) throw new TypeError('No pool is open.');
    const { callTimeoutMs, maintenanceTimeoutMs } = this.#settings;
    const defaultTimeoutMs = info.patience === 'call' ? callTimeoutMs : maintenanceTimeoutMs;
    const call = new Call({ backend: this.name, method, args, options, defaultTimeoutMs }, (abandoned) =>
      pool.abandon(abandoned),
    );
    pool.submit(call);
    return call.answer;
  }

  #verifySame(opened: OpenedMessage): void {
    const same =
      opened.name === this.name && JSON.stringify(opened.capabilities) === JSON.stringify(this.capabilities);
    if (same) return;
    throw new StorageError(
      'STORAGE_INTERNAL',
      `The child process loaded another backend (${opened.name}) or another version of it than this process knows.`,
      { backend: this.name },
    );
  }
}
