import { applyMutations, type ChunkStore, type RolloutWrite } from '@switchyard/sqlite-common';
import type {
  CallOptions,
  Capabilities,
  EmbeddingProfile,
  MaintenanceOptions,
  Mutation,
} from '@switchyard/storage-core';
import type { ResultsOf } from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import { LocalChunkVectors } from '../chunks/chunk-vectors.js';
import { LibsqlChunkStore } from '../chunks/libsql-chunk-store.js';
import { LocalSearch, type SearchCacheSizes } from '../search/local-search.js';
import type { LocalStore } from '../store/local-store.js';
import { optimizeLocal } from '../store/optimize.js';
import { rewriteAllLogs } from '../vectors/codes/code-log.js';
import type { Session } from './session.js';

/** Session of a store in a local file or in memory. */
export class LocalSession implements Session {
  readonly driver;
  readonly search;
  readonly isPrivate;
  readonly #store: LocalStore;

  constructor(store: LocalStore, capabilities: Capabilities, caches: SearchCacheSizes) {
    this.#store = store;
    this.driver = store.driver;
    this.isPrivate = store.isPrivate;
    this.search = new LocalSearch(store.driver, capabilities, caches);
  }

  call<T>(_options: CallOptions | undefined, work: () => T | Promise<T>): T | Promise<T> {
    return work();
  }

  attach(create: boolean): Promise<void> | null {
    return this.#store.attach(create);
  }

  requireStore(): void {
    // Checked when the file was opened.
  }

  prepare(): void {
    this.#store.prepare();
  }

  schemaReady(): void {
    this.#store.schemaReady();
  }

  async awaitSchema(): Promise<void> {
    // Visible as soon as it is committed.
  }

  apply<const M extends readonly Mutation[]>(mutations: M, rollout: RolloutWrite): ResultsOf<M> {
    const { driver } = this;
    const chunks = new LibsqlChunkStore(driver, new LocalChunkVectors(driver), mutations[0]);
    return applyMutations({ backend: BACKEND_NAME, driver, chunks, rollout }, mutations);
  }

  chunkStore(): ChunkStore {
    return new LibsqlChunkStore(this.driver, new LocalChunkVectors(this.driver));
  }

  recodeVectors(profile: EmbeddingProfile): void {
    rewriteAllLogs(this.driver, profile);
  }

  optimize(options: CallOptions | undefined): Promise<void> {
    return optimizeLocal(this.driver, options);
  }

  reclaim(options: MaintenanceOptions | undefined) {
    return this.#store.reclaim(options);
  }

  report() {
    return this.search.report();
  }

  async close(): Promise<void> {
    this.search.close();
    await this.#store.close();
  }
}
