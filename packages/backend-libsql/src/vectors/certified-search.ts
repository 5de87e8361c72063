import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { VectorHit } from '@switchyard/storage-core';
import type { ScanResult } from '@switchyard/vector-kernel';
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
    candidates: ScanResult,
  ): VectorHit[] | null {
    const { ids, lowerBounds } = candidates;
    const nearest: VectorHit[] = [];
    let end = firstReach(candidates, limit);
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

/**
 * How many candidates are fetched at first. The k-th distance, which decides, lies near the middle between the k-th lower
 * bound and the bound from above, since errors of rounding are much the same for all of them. A little farther than the
 * middle, hardly a search needs a second look, and hardly a vector is fetched that could have been spared.
 */
const BEYOND_THE_MIDDLE = 0.55;

function firstReach({ lowerBounds, upperBound }: ScanResult, limit: number): number {
  const last = lowerBounds[limit - 1];
  if (last === undefined) return lowerBounds.length;
  return reach(lowerBounds, limit, last + (upperBound - last) * BEYOND_THE_MIDDLE);
}

/** Up to where candidates can be no farther than this, or tie with it. */
function reach(lowerBounds: Float64Array, done: number, distance: number): number {
  let end = done;
  while (end < lowerBounds.length && (lowerBounds[end] as number) <= distance) end += 1;
  return end;
}
