import type { Metric, StorageBackend } from '@switchyard/storage-core';
import { hasCapability, type ReconcileResult, requireContract } from '@switchyard/storage-core/backend';
import fc from 'fast-check';
import { CallTrace } from './call-trace.js';
import type { CreatedStore, ResolvedOptions } from './options.js';
import { withDeclaredVectors } from './without-vectors.js';

/** Model of the default profile of test stores. */
export const testModel = 'conformance:four';
/** Dimension of {@link testModel}. */
export const testDimension = 4;

/** Options of {@link TestContext.open}. */
export interface OpenOptions {
  /** False leaves the store without a profile, as every store of a backend without vectors is. Default: true. */
  readonly profile?: boolean | undefined;
  /** Dimension of the profile. Default: {@link testDimension}. */
  readonly dimension?: number | undefined;
  /** Metric of the profile. Default: the first one the backend declares. */
  readonly metric?: Metric | undefined;
}

/** A created store with normalized hooks. */
export interface TestStore extends CreatedStore {
  /** The backend without {@link withDeclaredVectors}. */
  readonly raw: StorageBackend;
  /** Closes the backend and reopens the store, with another backend if there is a hook for that. */
  again(): Promise<StorageBackend>;
}

/** Context of a contract test. Everything it opens is closed and removed after the test. */
export class TestContext {
  readonly options: ResolvedOptions;
  /** Calls of the test, for the message of a failure. */
  readonly trace = new CallTrace();
  readonly #backends: StorageBackend[] = [];
  readonly #cleanups: (() => void | Promise<void>)[] = [];
  #peeked: TestStore | null = null;

  constructor(options: ResolvedOptions) {
    this.options = options;
  }

  /** Creates the store that the next {@link create} returns: some stores are too expensive to make one only to look. */
  async peek(): Promise<TestStore> {
    this.#peeked ??= await this.create();
    return this.#peeked;
  }

  /** Creates a fresh store without opening its backend. */
  async create(): Promise<TestStore> {
    const peeked = this.#peeked;
    this.#peeked = null;
    if (peeked !== null) return peeked;
    const made = await this.options.create();
    const store: CreatedStore = 'backend' in made ? made : { backend: made };
    if (store.cleanup !== undefined) this.#cleanups.push(store.cleanup);
    requireContract(store.backend);
    const backend = this.#closeLater(store.backend);
    const reopen =
      store.reopen && (async () => this.#closeLater(await (store.reopen as () => Promise<StorageBackend>)()));
    const again = async () => {
      await backend.close();
      const next = reopen === undefined ? backend : await reopen();
      await next.open();
      return next;
    };
    const { backend: raw, file, fingerprint } = store;
    return { backend, raw, reopen, file, fingerprint, again };
  }

  /** Opens a fresh store, with a profile by default. */
  async open(options?: OpenOptions): Promise<StorageBackend> {
    return (await this.openStore(options)).backend;
  }

  /** Like {@link open}, but returns the store with its hooks. */
  async openStore({
    profile = true,
    dimension = testDimension,
    metric,
  }: OpenOptions = {}): Promise<TestStore> {
    const store = await this.create();
    await store.backend.open();
    if (profile && hasCapability(store.backend.capabilities, 'vectors')) {
      await adopt(store.backend, dimension, metric);
    }
    return store;
  }

  /** Registers a backend to close after the test, and records its calls. */
  #closeLater(backend: StorageBackend): StorageBackend {
    this.#backends.push(backend);
    return this.trace.trace(withDeclaredVectors(backend));
  }

  /** Checks a property with random inputs. Runs share the test's set-up, so they must not depend on each other. */
  async check<T>(
    inputs: fc.Arbitrary<T>,
    holds: (input: T) => Promise<void>,
    runs: number = this.options.runs,
  ): Promise<void> {
    const traced = async (input: T) => {
      try {
        await holds(input);
      } catch (error) {
        this.trace.keep(error);
        throw error;
      }
    };
    await fc.assert(fc.asyncProperty(inputs, traced), {
      numRuns: runs,
      seed: this.options.seed,
      // Leaves time to report the smallest counterexample found so far, instead of timing out.
      interruptAfterTimeLimit: this.options.timeoutMs * 0.7,
      markInterruptAsFailure: true,
    });
  }

  /** Closes and removes everything. */
  async dispose(): Promise<void> {
    const failures: unknown[] = [];
    const attempt = async (work: () => void | Promise<void>) => {
      try {
        await work();
      } catch (error) {
        failures.push(error);
      }
    };
    for (const backend of this.#backends.splice(0)) await attempt(() => backend.close());
    for (const cleanup of this.#cleanups.splice(0)) await attempt(cleanup);
    if (failures.length > 0) throw new AggregateError(failures, 'Failed to clean up after the test.');
  }
}

/** Resets a store to the profile of the contract tests, dropping vectors of any other. */
export function adopt(
  backend: StorageBackend,
  dimension: number = testDimension,
  metric?: Metric,
): Promise<ReconcileResult> {
  return backend.vectors.reconcile({ model: testModel, dimension, metric }, 'reset');
}
