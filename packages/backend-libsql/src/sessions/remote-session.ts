import type { ChunkStore, RolloutWrite } from '@switchyard/sqlite-common';
import type { CallOptions, Mutation, ReclaimReport } from '@switchyard/storage-core';
import type { ResultsOf, TokenSource } from '@switchyard/storage-core/backend';
import { RemoteChunkVectors } from '../chunks/chunk-vectors.js';
import { LibsqlChunkStore } from '../chunks/libsql-chunk-store.js';
import type { RemoteDriver } from '../driver/remote-driver.js';
import { runRemotely } from '../driver/renewed-token.js';
import { withTrueOutcome } from '../driver/true-outcome.js';
import { OPTIMIZE } from '../fts/fts-statements.js';
import type { SchemaState } from '../schema/state.js';
import type { StoreSearch } from '../search/store-search.js';
import { applyRemotely, type RemoteApplyContext } from '../server/apply-remotely.js';
import { requireRemoteStore } from '../store/server.js';

const RECLAIM_LIMITATION =
  'The server keeps its database file itself and refuses VACUUM. Space of removed rows is used again by what is written next; to shrink the file, copy the store into a new database: switchyard copy.';

/** Parts of a session that are the same on a server and in a replica: writes go to the server. */
export abstract class RemoteSession {
  abstract readonly driver: RemoteDriver;
  abstract readonly search: StoreSearch;
  readonly isPrivate = false;
  readonly #url: string;
  readonly #tokens: TokenSource;

  /** @param url address of the server */
  constructor(url: string, tokens: TokenSource) {
    this.#url = url;
    this.#tokens = tokens;
  }

  /** Limits of a write, and the embedding profile that it assumes. */
  protected abstract readonly applyContext: Omit<RemoteApplyContext, 'driver' | 'rollout'>;

  /** Repeats a call with another token if its token was refused and nothing of it was done. */
  call<T>(_options: CallOptions | undefined, work: () => T | Promise<T>): Promise<T> {
    return runRemotely(this.driver, this.#tokens, () => withTrueOutcome(this.driver, work));
  }

  attach(): null {
    return null;
  }

  requireStore(state: SchemaState): void {
    requireRemoteStore(state, this.#url);
  }

  prepare(): void {
    // The server keeps its file itself.
  }

  schemaReady(): void {
    // The server keeps its file itself.
  }

  async awaitSchema(_options: CallOptions | undefined): Promise<void> {
    // Visible as soon as it is committed.
  }

  apply<const M extends readonly Mutation[]>(mutations: M, rollout: RolloutWrite): ResultsOf<M> {
    return applyRemotely({ driver: this.driver, ...this.applyContext, rollout }, mutations);
  }

  chunkStore(): ChunkStore {
    return new LibsqlChunkStore(this.driver, new RemoteChunkVectors(this.driver));
  }

  recodeVectors(): void {
    // Would read every vector of the store over the network. The logs are left behind, as after every remote write.
  }

  /** Merges the full-text index, in one request. Reading code logs would take many; the WAL is the server's own. */
  async optimize(): Promise<void> {
    this.driver.run(OPTIMIZE);
  }

  async reclaim(): Promise<ReclaimReport> {
    return { bytesBefore: null, bytesAfter: null, limitation: RECLAIM_LIMITATION };
  }
}
