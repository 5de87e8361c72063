import type { SqliteDriver } from '@switchyard/sqlite-common';
import {
  type ChunkId,
  distance,
  type EmbeddingProfile,
  type VectorHit,
  type VersionId,
} from '@switchyard/storage-core';
import type { ScanResult } from '@switchyard/vector-kernel';
import type { CodeCache } from './codes/code-cache.js';
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

/** Candidates fetched beyond the limit at first. More are fetched only if they can still win. */
const FIRST_MARGIN = 8;

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

  search(profile: EmbeddingProfile, request: VectorSearch): VectorHit[] {
    const candidates = this.#cache.scan(this.#driver, profile, request);
    const hits = candidates === null ? null : this.#measure(profile, request, candidates);
    return hits ?? this.#otherwise.search(profile, request);
  }

  /** Null when a candidate is not what it was taken for, because somebody changed vectors and did not say so. */
  #measure(
    { dimension, metric }: EmbeddingProfile,
    { versionId, vector, limit }: VectorSearch,
    { ids, lowerBounds }: Pick<ScanResult, 'ids' | 'lowerBounds'>,
  ): VectorHit[] | null {
    let nearest: VectorHit[] = [];
    let done = 0;
    while (done < ids.length) {
      const end = done === 0 ? limit + FIRST_MARGIN : reach(lowerBounds, done, nearest, limit);
      if (end <= done) break;
      const part = ids.subarray(done, end);
      const rows = this.#fetch(part, dimension);
      if (rows === null) return this.#notAsThought(versionId);
      for (const [index, id] of rows.ids.entries()) {
        const row = rows.vectors.subarray(index * dimension, (index + 1) * dimension);
        const exact = distance(metric, vector, row);
        if (Number.isNaN(exact)) return this.#notAsThought(versionId);
        nearest.push({ chunkId: id, distance: exact });
      }
      nearest.sort((a, b) => a.distance - b.distance || a.chunkId - b.chunkId);
      nearest = nearest.slice(0, limit);
      done = end;
    }
    return nearest;
  }

  #notAsThought(versionId: VersionId): null {
    this.#cache.drop(versionId);
    return null;
  }

  #fetch(
    ids: Float64Array,
    dimension: number,
  ): { readonly ids: readonly ChunkId[]; readonly vectors: Float32Array } | null {
    const row = this.#driver.first<{ ids: string | null; vectors: Uint8Array | null }>(VECTORS_OF, [
      `[${ids.join(',')}]`,
    ]);
    const found = row?.ids?.split(',').map(Number) ?? [];
    const vectors = row?.vectors;
    if (found.length !== ids.length || vectors == null) return null;
    if (vectors.byteLength !== ids.length * dimension * Float32Array.BYTES_PER_ELEMENT) return null;
    return {
      ids: found,
      vectors: new Float32Array(vectors.buffer, vectors.byteOffset, ids.length * dimension),
    };
  }
}

/** Up to where candidates can still be among the `limit` nearest, or tie with the last of them. */
function reach(
  lowerBounds: Float64Array,
  done: number,
  nearest: readonly VectorHit[],
  limit: number,
): number {
  const farthest = nearest[limit - 1]?.distance ?? Number.POSITIVE_INFINITY;
  let end = done;
  while (end < lowerBounds.length && (lowerBounds[end] as number) <= farthest) end += 1;
  return end;
}
