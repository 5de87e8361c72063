import type { Metric, StorageBackend } from '@switchyard/storage-core';
import { type ReconcileResult, requireContract } from '@switchyard/storage-core/backend';
import fc from 'fast-check';
import type { CreatedStore, ResolvedOptions } from './options.js';

/** The profile that contract tests give a store when they have no reason for another. */
export const testModel = 'conformance:four';
/** Of {@link testModel}. */
export const testDimension = 4;

/** How {@link TestContext.open} prepares a store. */
export interface OpenOptions {
  /** False leaves the store without profile. Default true. */
  readonly profile?: boolean | undefined;
  /** Default {@link testDimension}. */
  readonly dimension?: number | undefined;
  /** Default: the first the backend declares. */
  readonly metric?: Metric | undefined;
}

/** A created store, with its hooks in one form. */
export interface TestStore extends CreatedStore {
  /** Closes the backend and opens the same store again: by another backend where there is a hook for that. */
  again(): Promise<StorageBackend>;
}

/** What a contract test works with. Everything it opens is closed and removed after it. */
export class TestContext {
  readonly options: ResolvedOptions;
  readonly #backends: StorageBackend[] = [];
  readonly #cleanups: (() => void | Promise<void>)[] = [];

  constructor(options: ResolvedOptions) {
    this.options = options;
  }

  /** A fresh store whose backend is not open. */
  async create(): Promise<TestStore> {
    const made = await this.options.create();
    const store: CreatedStore = 'backend' in made ? made : { backend: made };
    if (store.cleanup !== undefined) this.#cleanups.push(store.cleanup);
    const { backend } = store;
    requireContract(backend);
    const reopen =
      store.reopen && (async () => this.#closeLater(await (store.reopen as () => Promise<StorageBackend>)()));
    const again = async () => {
      await backend.close();
      const next = reopen === undefined ? backend : await reopen();
      await next.open();
      return next;
    };
    const { file, fingerprint } = store;
    return { backend: this.#closeLater(backend), reopen, file, fingerprint, again };
  }

  /** A fresh store, open, with a profile unless told otherwise. */
  async open(options?: OpenOptions): Promise<StorageBackend> {
    return (await this.openStore(options)).backend;
  }

  /** As {@link open}, with the hooks of the store. */
  async openStore({
    profile = true,
    dimension = testDimension,
    metric,
  }: OpenOptions = {}): Promise<TestStore> {
    const store = await this.create();
    await store.backend.open();
    if (profile) await adopt(store.backend, dimension, metric);
    return store;
  }

  /** Something to be closed after the test. */
  #closeLater(backend: StorageBackend): StorageBackend {
    this.#backends.push(backend);
    return backend;
  }

  /** Checks a property of random inputs. Its runs share what the test set up, so they must not depend on it. */
  async check<T>(
    inputs: fc.Arbitrary<T>,
    holds: (input: T) => Promise<void>,
    runs: number = this.options.runs,
  ): Promise<void> {
    await fc.assert(fc.asyncProperty(inputs, holds), {
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
    if (failures.length > 0) throw new AggregateError(failures, 'Cleaning up after the test failed.');
  }
}

/** Gives a store the profile of the contract tests, dropping the vectors of another. */
export function adopt(
  backend: StorageBackend,
  dimension: number = testDimension,
  metric?: Metric,
): Promise<ReconcileResult> {
  return backend.vectors.reconcile({ model: testModel, dimension, metric }, 'reset');
}
