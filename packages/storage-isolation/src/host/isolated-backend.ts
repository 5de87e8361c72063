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
  checkMutation,
  type FtsIndex,
  type Migrator,
  type ResultsOf,
  requireContract,
  type VectorIndex,
  type VectorStaging,
} from '@switchyard/storage-core/backend';
import { type DefinitionReference, inlineConnection, resolveReference } from '../definition/reference.js';
import { requireChildProcesses } from '../launcher/runtime.js';
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
  changeLogOver,
  ftsOver,
  maintenanceOver,
  migratorOver,
  type Send,
  stagingOver,
  vectorsOver,
} from './ports.js';
import { WorkerPool } from './worker-pool.js';

/** Input of {@link isolate}. */
export interface IsolationRequest {
  /** Definition of the backend. In this process it only provides the name and capabilities. */
  readonly definition: BackendDefinition;
  /** Location from which a child process imports the same definition. */
  readonly reference: DefinitionReference;
  readonly connection: Connection;
  readonly createOptions?: CreateOptions | undefined;
  readonly options?: IsolationOptions | undefined;
}

/** Ids of the processes that are currently running. */
export interface Processes {
  readonly writer: number | null;
  readonly readers: readonly number[];
  /** The process that starts replacements; shared by all isolated backends of this process. */
  readonly launcher: number | null;
}

/**
 * Creates a backend that runs in child processes: one writer and any number of readers. If a child hangs, aborts or is
 * killed, its calls fail or are retried, and this process continues. See docs/concepts/isolation.md.
 *
 * @throws TypeError for invalid options.
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
  /** Present if the backend in the child has it. */
  declare readonly candidates?: NonNullable<StorageBackend['candidates']>;
  /** Present if the backend in the child has it. */
  declare readonly sync?: NonNullable<StorageBackend['sync']>;
  /** Present if the backend in the child has it. */
  declare readonly optimize?: NonNullable<StorageBackend['optimize']>;
  /** Present if the backend in the child has it. */
  declare readonly staging?: VectorStaging;
  /** Present if the backend in the child has it. */
  declare readonly changeLog?: StorageBackend['changeLog'];
  /** Present if the backend in the child has it. */
  declare readonly annIndexes?: StorageBackend['annIndexes'];
  /** Present if the backend in the child has it. */
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
    // Never opened: only tells which ports and capabilities the backend has before any child runs.
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
    if (pattern.changeLog !== undefined) this.changeLog = changeLogOver(send);
    if (pattern.annIndexes !== undefined) this.annIndexes = annIndexesOver(send);
    if (pattern.maintenance !== undefined) this.maintenance = maintenanceOver(send);
    this.#call = send;
  }

  async apply<const M extends readonly Mutation[]>(
    mutations: M,
    options?: CallOptions,
  ): Promise<ResultsOf<M>> {
    try {
      return await this.#call<ResultsOf<M>>('apply', [mutations], options);
    } catch (error) {
      throw error instanceof TypeError ? (invalidField(mutations) ?? error) : error;
    }
  }

  inspect(options?: CallOptions): Promise<BackendReport> {
    return this.#call('inspect', [], options);
  }

  /** Ids of the child processes that are currently running. */
  get processes(): Processes {
    return {
      writer: this.#writer?.pids[0] ?? null,
      readers: this.#readers?.pids ?? [],
      launcher: this.isOpen ? this.#launcher.pid : null,
    };
  }

  protected override async doOpen(options: CallOptions | undefined): Promise<void> {
    requireChildProcesses(this.name);
    const deadline = options?.deadline ?? Date.now() + this.#settings.openTimeoutMs;
    const { readers } = this.#settings;
    const writer = this.#newPool(1);
    // The writer opens first: it creates or migrates the store that the readers then open.
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
      // The writer closes last: it can then clean up files no longer held by readers, such as a write-ahead log.
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
    const defaultTimeoutMs = info.timeout === 'call' ? callTimeoutMs : maintenanceTimeoutMs;
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
      `The child process loaded a different backend (${opened.name}), or a different version of it, than this process.`,
      { backend: this.name },
    );
  }
}

/**
 * Returns the error for the first mutation with an invalid field, which may be why it could not be sent; null if all
 * are valid.
 */
function invalidField(mutations: readonly Mutation[]): TypeError | null {
  for (const mutation of mutations) {
    try {
      // Only the child knows the dimension: checks that depend on it throw a StorageError here, and are left to the
      // child.
      checkMutation(mutation, undefined);
    } catch (error) {
      if (error instanceof TypeError) return error;
    }
  }
  return null;
}
