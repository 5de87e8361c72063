import { type SqliteDriver, textOf } from '@switchyard/sqlite-common';
import type { VectorHit } from '@switchyard/storage-core/backend';
import type { CodeCache } from './codes/code-cache.js';
import { distancesFrom } from './distances.js';
import type { KeptVectors } from './kept-vectors.js';
import { type FetchedVectors, measureCandidates, unpackFetched } from './measure-candidates.js';
import type { VectorSpace } from './profile.js';
import type { VectorSearch } from './vector-search.js';

/**
 * Vectors of some chunks, concatenated into one value, because returning a row per vector costs more than its bytes.
 * group_concat() concatenates blobs byte by byte. The ids are returned in the same order.
 */
const VECTORS_OF = `
  SELECT
    ${textOf('group_concat(document_vectors.document_id)', 'ids', 'document_vectors.document_id')},
    CAST(group_concat(document_vectors.embedding, '') AS BLOB) AS vectors
  FROM json_each(?1) AS wanted
  CROSS JOIN document_vectors ON document_vectors.document_id = wanted.value`;

/**
 * Exact search by 8-bit codes: scans the codes of a version for every vector that can be among the nearest, then measures
 * those candidates from their float32 components, which are kept in memory if the version is small.
 */
export class QuantizedSearch {
  readonly #driver: SqliteDriver;
  readonly #cache: CodeCache;

  constructor(driver: SqliteDriver, cache: CodeCache) {
    this.#driver = driver;
    this.#cache = cache;
  }

  /** Returns the nearest vectors, or null if no codes can be used. Must run in a read transaction. */
  search(space: VectorSpace, search: VectorSearch): VectorHit[] | null {
    const { versionId, vector, limit } = search;
    const candidates = this.#cache.scan(this.#driver, space, search);
    if (candidates === null) return null;
    const kept = this.#cache.keptVectors(versionId);
    const hits = measureCandidates(limit, candidates, (ids) =>
      kept === null ? this.#measureStored(space, vector, ids) : this.#measureKept(space, kept, vector, ids),
    );
    // Vectors changed without a new generation: the cached codes are stale.
    if (hits === null) this.#cache.drop(versionId);
    return hits;
  }

  #measureStored(space: VectorSpace, query: Float32Array, ids: Float64Array): Float64Array | null {
    const rows = this.#fetch(space, ids);
    return rows === null ? null : distancesFrom(space.metric, query, rows, ids.length);
  }

  #measureKept(
    space: VectorSpace,
    kept: KeptVectors,
    query: Float32Array,
    ids: Float64Array,
  ): Float64Array | null {
    const missing = kept.missing(ids);
    if (missing.length > 0) {
      const rows = this.#fetch(space, missing);
      if (rows === null || !kept.add(missing, rows)) return null;
    }
    return kept.distances(query, ids);
  }

  #fetch(space: VectorSpace, ids: Float64Array): Float32Array | null {
    const list = ids.join(',');
    return unpackFetched(
      space,
      ids.length,
      list,
      this.#driver.first<FetchedVectors>(VECTORS_OF, [`[${list}]`]),
    );
  }
}
