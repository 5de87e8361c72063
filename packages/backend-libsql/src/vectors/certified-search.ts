import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { VectorHit } from '@switchyard/storage-core';
import { type Candidates, reach } from './codes/candidates.js';
import type { CodeCache } from './codes/code-cache.js';
import { distancesFrom } from './distances.js';
import type { VectorSpace } from './profile.js';
import type { VectorSearch, VectorSearcher } from './vector-searcher.js';

/**
 * The vectors of some chunks, end to end, as one value: a row each costs more than its bytes. group_concat() puts the
 * bytes of blobs together as they are. The ids come along in the same order.
 */
const VECTORS_OF = `
  SELECT
    group_concat(document_vectors.document_id) AS ids,
    CAST(group_concat(document_vectors.embedding, '') AS BLOB) AS vectors
  FROM json_each(?1) AS wanted
  CROSS JOIN document_vectors ON document_vectors.document_id = wanted.value`;

/**
 * Searches the 8-bit codes of a version in memory for every vector that can be among the nearest, and measures these
 * from their float32 components. Where there are no codes in memory, the other searcher serves, with the same results.
 */
export class CertifiedSearch implements VectorSearcher {
  readonly #driver: SqliteDriver;
  readonly #cache: CodeCache;
  readonly #otherwise: VectorSearcher;

  constructor(driver: SqliteDriver, cache: CodeCache, otherwise: VectorSearcher) {
    this.#driver = driver;
    this.#cache = cache;
    this.#otherwise = otherwise;
  }

  search(space: VectorSpace, request: VectorSearch): VectorHit[] {
    const candidates = this.#cache.scan(this.#driver, space, request);
    const hits = candidates === null ? null : this.#measure(space, request, candidates);
    return hits ?? this.#otherwise.search(space, request);
  }

  /** Null when a candidate is not what it was taken for, because somebody changed vectors and did not say so. */
  #measure(
    space: VectorSpace,
    { versionId, vector, limit }: VectorSearch,
    { ids, lowerBounds, promising }: Candidates,
  ): VectorHit[] | null {
    const nearest: VectorHit[] = [];
    let end = promising;
    for (let done = 0; done < end; ) {
      const wanted = ids.subarray(done, end);
      const distances = this.#distances(space, vector, wanted);
      if (distances === null) {
        this.#cache.drop(versionId);
        return null;
      }
      for (let i = 0; i < wanted.length; i++) {
        nearest.push({ chunkId: wanted[i] as number, distance: distances[i] as number });
      }
      nearest.sort((a, b) => a.distance - b.distance || a.chunkId - b.chunkId);
      if (nearest.length > limit) nearest.length = limit;
      done = end;
      end = reach(lowerBounds, done, nearest[limit - 1]?.distance ?? Number.POSITIVE_INFINITY);
    }
    return nearest;
  }

  /** The distances of these chunks, in their order; null when not each of them has a vector that can be measured. */
  #distances(
    { metric, dimension }: VectorSpace,
    query: Float32Array,
    ids: Float64Array,
  ): Float64Array | null {
    const list = ids.join(',');
    const row = this.#driver.first<{ ids: string | null; vectors: Uint8Array | null }>(VECTORS_OF, [
      `[${list}]`,
    ]);
    const vectors = row?.vectors;
    if (row?.ids !== list || vectors == null) return null;
    if (vectors.byteLength !== ids.length * dimension * Float32Array.BYTES_PER_ELEMENT) return null;
    const rows = new Float32Array(vectors.buffer, vectors.byteOffset, ids.length * dimension);
    const distances = distancesFrom(metric, query, rows, ids.length);
    return distances.some(Number.isNaN) ? null : distances;
  }
}
