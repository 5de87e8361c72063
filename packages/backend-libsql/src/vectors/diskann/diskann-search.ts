import type { SqliteDriver } from '@switchyard/sqlite-common';
import { type ChunkId, StorageError } from '@switchyard/storage-core';
import { distance, type VectorHit } from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../../capabilities.js';
import { fromBlob, toBlob } from '../blob.js';
import type { VectorSpace } from '../profile.js';
import { lengthOf } from '../scale.js';
import type { VectorSearch, VectorSearcher } from '../vector-searcher.js';
import * as sql from './diskann-statements.js';

/** Beyond so many vectors that the index does not hold, the exact search is the faster one. */
const MAX_PENDING = 2000;

/**
 * The mode `diskann`: the engine's graph chooses candidates, which are measured from their float32 components together
 * with every vector written since the index was built. All other modes go to the other searcher, and so does a search
 * that the index cannot fill, because too much was written or deleted since.
 */
export class DiskannSearch implements VectorSearcher {
  readonly #driver: SqliteDriver;
  readonly #fallback: VectorSearcher;

  constructor(driver: SqliteDriver, fallback: VectorSearcher) {
    this.#driver = driver;
    this.#fallback = fallback;
  }

  search(space: VectorSpace, request: VectorSearch): VectorHit[] {
    if (request.mode !== 'diskann') return this.#fallback.search(space, request);
    const { versionId, vector, limit } = request;
    const index = readIndex(this.#driver, versionId);
    if (index === undefined) throw noIndex(versionId);
    const exactly = { ...request, mode: 'exact' } as const;
    const unfit = index.entries === 0 || index.pending > MAX_PENDING || lengthOf(vector) === 0;
    if (unfit) return this.#fallback.search(space, exactly);

    const found = new Map<ChunkId, number>();
    // Twice as many, because the engine orders them by codes.
    const wanted = Math.min(index.entries, limit * 2 + 32);
    const near = [sql.indexName(versionId), toBlob(vector), wanted, versionId];
    this.#measure(space, vector, this.#driver.all<Candidate>(sql.NEAREST, near), found);
    if (found.size < limit && wanted < index.entries) return this.#fallback.search(space, exactly);
    this.#measure(space, vector, this.#driver.all<Candidate>(sql.PENDING, [versionId]), found);
    return [...found]
      .map(([chunkId, far]) => ({ chunkId, distance: far }))
      .sort((a, b) => a.distance - b.distance || a.chunkId - b.chunkId)
      .slice(0, limit);
  }

  #measure(
    { metric, dimension }: VectorSpace,
    query: Float32Array,
    candidates: readonly Candidate[],
    found: Map<ChunkId, number>,
  ): void {
    for (const { id, embedding } of candidates) {
      const vector = fromBlob(embedding, dimension);
      const far = vector === null ? Number.NaN : distance(metric, query, vector);
      if (!Number.isNaN(far)) found.set(id, far);
    }
  }
}

interface Candidate {
  readonly id: ChunkId;
  readonly embedding: Uint8Array;
}

/** How the index of a version stands; undefined without one. */
export function readIndex(
  driver: SqliteDriver,
  versionId: number,
): { readonly entries: number; readonly pending: number } | undefined {
  if (driver.first(sql.HAS_TABLES) === undefined) return undefined;
  return driver.first<{ entries: number; pending: number }>(sql.READ_INDEX, [versionId]);
}

/** The refusal of what needs an index. */
export function noIndex(versionId: number): StorageError {
  return new StorageError(
    'STORAGE_NOT_SUPPORTED',
    `The version (id ${versionId}) has no index for the mode 'diskann'. Build one ` +
      '(switchyard ann-index STORE LIBRARY@VERSION --build --yes), or search in the mode exact, which needs none.',
    {
      backend: BACKEND_NAME,
      outcome: 'not-applied',
      details: { capability: 'searchModes:diskann', versionId },
    },
  );
}
