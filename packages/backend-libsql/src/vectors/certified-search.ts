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
    const { versionId, vector, limit } = request;
    const candidates = this.#cache.scan(this.#driver, space, request);
    if (candidates === null) return this.#otherwise.search(space, request);
    const hits = measureCandidates(
      space,
      vector,
      limit,
      candidates,
      (ids) => this.#driver.first<FetchedVectors>(VECTORS_OF, [`[${ids}]`]) ?? null,
    );
    if (hits !== null) return hits;
    // Somebody changed vectors and did not say so.
    this.#cache.drop(versionId);
    return this.#otherwise.search(space, request);
  }
}
