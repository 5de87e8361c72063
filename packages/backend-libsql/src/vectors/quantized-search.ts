import { type SqliteDriver, textOf } from '@switchyard/sqlite-common';
import type { VectorHit } from '@switchyard/storage-core/backend';
import type { CodeCache } from './codes/code-cache.js';
import { type FetchedVectors, measureCandidates } from './measure-candidates.js';
import type { VectorSpace } from './profile.js';
import type { VectorSearch, VectorSearcher } from './vector-searcher.js';

/**
 * The vectors of some chunks, end to end, as one value: a row each costs more than its bytes. group_concat() puts the
 * bytes of blobs together as they are. The ids come along in the same order.
 */
const VECTORS_OF = `
  SELECT
    ${textOf('group_concat(document_vectors.document_id)', 'ids', 'document_vectors.document_id')},
    CAST(group_concat(document_vectors.embedding, '') AS BLOB) AS vectors
  FROM json_each(?1) AS wanted
  CROSS JOIN document_vectors ON document_vectors.document_id = wanted.value`;

/**
 * Exact search by 8-bit codes: scans the codes of a version for every vector that can be among the nearest, then measures
 * those candidates from their float32 components. Without codes, the fallback answers, with the same hits.
 */
export class QuantizedSearch implements VectorSearcher {
  readonly #driver: SqliteDriver;
  readonly #cache: CodeCache;
  readonly #fallback: VectorSearcher;

  constructor(driver: SqliteDriver, cache: CodeCache, fallback: VectorSearcher) {
    this.#driver = driver;
    this.#cache = cache;
    this.#fallback = fallback;
  }

  search(space: VectorSpace, request: VectorSearch): VectorHit[] {
    const { versionId, vector, limit } = request;
    const candidates = this.#cache.scan(this.#driver, space, request);
    if (candidates === null) return this.#fallback.search(space, request);
    const hits = measureCandidates(
      space,
      vector,
      limit,
      candidates,
      (ids) => this.#driver.first<FetchedVectors>(VECTORS_OF, [`[${ids}]`]) ?? null,
    );
    if (hits !== null) return hits;
    // Vectors changed without a new generation: the cached codes are stale.
    this.#cache.drop(versionId);
    return this.#fallback.search(space, request);
  }
}
