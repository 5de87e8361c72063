import { findVersionId, type SqliteDriver } from '@switchyard/sqlite-common';
import {
  type AuditReport,
  type CallOptions,
  type CallRunner,
  type ChunkId,
  checkVectorQuery,
  type EmbeddingProfile,
  type PageId,
  type ProfileRequest,
  type ReconcilePolicy,
  type ReconcileResult,
  requireSearchMode,
  type VectorHit,
  type VectorIndex,
  type VectorQuery,
  type VectorStats,
} from '@switchyard/storage-core';
import { BACKEND_NAME, capabilities } from '../capabilities.js';
import { auditVectors, rebuildVectors, vectorStats } from './contents.js';
import { readEmbedding } from './embedding-json.js';
import { readVectorTable } from './index-table.js';
import { findNearestChunks } from './nearest.js';
import { readProfile, reconcileProfile } from './profile.js';

/** What a {@link SqliteVecIndex} works with. */
export interface VectorIndexContext {
  /** Runs each call under the lifecycle of the backend. */
  readonly run: CallRunner;
  readonly driver: () => SqliteDriver;
}

/** The vec0 table of a store. */
export class SqliteVecIndex implements VectorIndex {
  readonly #context: VectorIndexContext;

  constructor(context: VectorIndexContext) {
    this.#context = context;
  }

  profile(options?: CallOptions): Promise<EmbeddingProfile | null> {
    return this.#call(options, (driver) => driver.readTransaction(() => readProfile(driver)));
  }

  reconcile(
    profile: ProfileRequest,
    policy: ReconcilePolicy,
    options?: CallOptions,
  ): Promise<ReconcileResult> {
    return this.#call(options, (driver) => reconcileProfile(driver, profile, policy));
  }

  nearest(query: VectorQuery, options?: CallOptions): Promise<readonly VectorHit[]> {
    return this.#call(options, (driver) => driver.readTransaction(() => findNearest(driver, query)));
  }

  stats(options?: CallOptions): Promise<VectorStats> {
    return this.#call(options, vectorStats);
  }

  rebuild(options?: CallOptions): Promise<void> {
    return this.#call(options, rebuildVectors);
  }

  audit(options?: CallOptions): Promise<AuditReport> {
    return this.#call(options, auditVectors);
  }

  #call<T>(options: CallOptions | undefined, work: (driver: SqliteDriver) => T): Promise<T> {
    return this.#context.run(options, () => work(this.#context.driver()));
  }
}

/** See `VectorIndex.nearest`. Inside a read transaction. */
export function findNearest(driver: SqliteDriver, query: VectorQuery): readonly VectorHit[] {
  requireSearchMode(BACKEND_NAME, capabilities, query.mode);
  checkVectorQuery(query, readProfile(driver)?.dimension);
  const versionId = findVersionId(driver, query.version);
  // An index that is still empty may be declared for another dimension than the store.
  if (versionId === null || readVectorTable(driver).empty) return [];
  return findNearestChunks(driver, versionId, query.vector, query.limit);
}

const selectEmbeddings = `
SELECT id, embedding
FROM documents
WHERE embedding IS NOT NULL AND page_id IN (SELECT value FROM json_each(?))`;

/**
 * The vectors of the chunks of some pages that can be used, by chunk id. They come from the chunks and not from the
 * index: the chunks are what counts where the two differ, and what the index would hold is made from them.
 */
export function vectorsOfPages(
  driver: SqliteDriver,
  pageIds: readonly PageId[],
): ReadonlyMap<ChunkId, Float32Array> {
  const vectors = new Map<ChunkId, Float32Array>();
  const profile = readProfile(driver);
  if (profile === null) return vectors;
  const rows = driver.all<{ id: ChunkId; embedding: unknown }>(selectEmbeddings, [JSON.stringify(pageIds)]);
  for (const { id, embedding } of rows) {
    const { vector } = readEmbedding(embedding, profile.dimension);
    if (vector !== null) vectors.set(id, vector);
  }
  return vectors;
}
