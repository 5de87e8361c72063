import { StorageError } from '../errors/storage-error.js';
import type { BackendReport, ResultsOf, StorageBackend } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import type { Capabilities } from '../ports/capabilities.js';
import type { Catalog } from '../ports/catalog.js';
import type { ContractVersion } from '../ports/contract-version.js';
import type { FtsIndex } from '../ports/fts-index.js';
import type { Migrator } from '../ports/migrator.js';
import type { VectorIndex } from '../ports/vector-index.js';
import type { Mutation } from '../values/mutations.js';
import { checkCall } from './deadline.js';
import { isTurnDue, turnWhenDue } from './event-loop.js';

/** Runs one call of a port under the lifecycle of its backend. See {@link BackendBase}. */
export type CallRunner = <T>(options: CallOptions | undefined, work: () => T | Promise<T>) => Promise<T>;

type State = 'closed' | 'opening' | 'open' | 'closing';

/**
 * Lifecycle that every backend needs: opens once however often it is called, can open again after a failure, rejects
 * calls while closed, and closes only after the last call in progress has ended. A backend may extend it or implement
 * the same behavior itself; the conformance suite treats both alike.
 */
export abstract class BackendBase implements StorageBackend {
  /** See {@link StorageBackend.contractVersion}. Declare it as the literal `1`. */
  abstract readonly contractVersion: ContractVersion;
  /** See {@link StorageBackend.name}. */
  abstract readonly name: string;
  /** See {@link StorageBackend.capabilities}. */
  abstract readonly capabilities: Capabilities;
  /** See {@link StorageBackend.migrator}. */
  abstract readonly migrator: Migrator;
  /** See {@link StorageBackend.catalog}. */
  abstract readonly catalog: Catalog;
  /** See {@link StorageBackend.vectors}. */
  abstract readonly vectors: VectorIndex;
  /** See {@link StorageBackend.fts}. */
  abstract readonly fts: FtsIndex;

  #state: State = 'closed';
  #transition: Promise<void> = Promise.resolve();
  readonly #underWay = new Set<Promise<unknown>>();

  /** Acquires the resources of the backend. Must release all of them if it fails. */
  protected abstract doOpen(options: CallOptions | undefined): Promise<void>;
  /** Releases everything. No call is in progress. */
  protected abstract doClose(): Promise<void>;
  /** See {@link StorageBackend.apply}. */
  abstract apply<const M extends readonly Mutation[]>(
    mutations: M,
    options?: CallOptions,
  ): Promise<ResultsOf<M>>;
  /** See {@link StorageBackend.inspect}. */
  abstract inspect(options?: CallOptions): Promise<BackendReport>;

  /** True while calls are accepted. */
  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Opens the backend once, however many callers request it; may be called again after a failure. */
  open(options?: CallOptions): Promise<void> {
    if (this.#state === 'open' || this.#state === 'opening') return this.#transition;
    const before = this.#transition;
    this.#state = 'opening';
    this.#transition = (async () => {
      await before.catch(() => undefined); // the caller of the failed transition received its error
      try {
        checkCall(options, this.name);
        await this.doOpen(options);
      } catch (error) {
        this.#leaveOpening('closed');
        throw error;
      }
      this.#leaveOpening('open');
    })();
    return this.#transition;
  }

  /** A `close()` during the opening determines the final state. */
  #leaveOpening(state: 'open' | 'closed'): void {
    if (this.#state === 'opening') this.#state = state;
  }

  /** Closes the backend once every call in progress has ended. Idempotent. */
  close(): Promise<void> {
    if (this.#state === 'closed') return Promise.resolve();
    if (this.#state === 'closing') return this.#transition;
    const before = this.#transition;
    const wasOpening = this.#state === 'opening';
    this.#state = 'closing';
    this.#transition = (async () => {
      const opened = await before.then(
        () => true,
        () => !wasOpening,
      );
      try {
        await Promise.allSettled([...this.#underWay]);
        if (opened) await this.doClose();
      } finally {
        this.#state = 'closed';
      }
    })();
    return this.#transition;
  }

  /** Closes the backend at the end of an `await using` block; the same as {@link close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * Runs one call of a port: rejects it while closed, aborted or late, and makes `close()` wait for it. During a series
   * of calls without a pause, the event loop runs every few milliseconds.
   *
   * @throws StorageError `STORAGE_CLOSED`, `STORAGE_ABORTED`, `STORAGE_TIMEOUT`; any error of the work.
   */
  protected run<T>(options: CallOptions | undefined, work: () => T | Promise<T>): Promise<T> {
    const call = this.#begin(options, work);
    this.#underWay.add(call);
    const done = () => this.#underWay.delete(call);
    call.then(done, done);
    return call;
  }

  async #begin<T>(options: CallOptions | undefined, work: () => T | Promise<T>): Promise<T> {
    if (this.#state !== 'open') {
      throw new StorageError('STORAGE_CLOSED', `The ${this.name} backend is not open.`, {
        backend: this.name,
        outcome: 'not-applied',
      });
    }
    if (isTurnDue()) await turnWhenDue();
    checkCall(options, this.name);
    return work();
  }
}
