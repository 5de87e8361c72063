import { integer, type SqliteDriver, textOf } from '@switchyard/sqlite-common';
import type { VersionId } from '@switchyard/storage-core';
import { normalizeVersionRef, type VectorHit, type VectorQuery } from '@switchyard/storage-core/backend';
import type { CodeCache } from './codes/code-cache.js';
import { type FetchedVectors, measureCandidates } from './measure-candidates.js';
import { PROFILE_COLUMNS, toSpace, type VectorSpace } from './profile.js';
import type { SearchState } from './search-state.js';

/**
 * Vectors, and all that says whether they are what they were taken for: one statement, so one state of the store.
 * ?1 ids as JSON, ?2 the id of the version, ?3 and ?4 the names of library and version, or null.
 */
const VECTORS_AND_STATE = `
  SELECT
    ${textOf('group_concat(document_vectors.document_id)', 'ids', 'document_vectors.document_id')},
    CAST(group_concat(document_vectors.embedding, '') AS BLOB) AS vectors,
    ${integer('(SELECT generation FROM vector_generations WHERE version_id = ?2)', 'generation')},
    (
      SELECT versions.id
      FROM libraries
      JOIN versions ON versions.library_id = libraries.id
      WHERE lower(libraries.name) = CAST(?3 AS TEXT) AND lower(versions.name) = CAST(?4 AS TEXT)
    ) AS named,
    ${PROFILE_COLUMNS}
  FROM json_each(?1) AS wanted
  CROSS JOIN document_vectors ON document_vectors.document_id = wanted.value`;

interface Fetched extends FetchedVectors {
  readonly generation: number | null;
  readonly named: VersionId | null;
  readonly model: string | null;
  readonly dimension: string | null;
  readonly metric: string | null;
}

/** How a version stood when it was searched last. */
interface Seen {
  readonly versionId: VersionId;
  readonly space: VectorSpace;
  readonly generation: number;
  /** Whether it stood so at two searches after each other. While it is being written, guessing would only cost time. */
  readonly isSettled: boolean;
}

/** More references to versions are not remembered. */
const MOST_SEEN = 256;

/**
 * Searches a version as if nobody had changed it since the last search: the codes in memory first, and then one
 * statement, which fetches vectors and reads the generation with them. When that is the generation of the codes, the
 * store stands in that statement as it was assumed to, whoever writes it, and the hits are those of that moment. When it
 * is not, they are thrown away, and the search is done again in a transaction. It spares a transaction and a statement.
 */
export class UnchangedSearch {
  readonly #driver: SqliteDriver;
  readonly #cache: CodeCache;
  readonly #seen = new Map<string | VersionId, Seen>();

  constructor(driver: SqliteDriver, cache: CodeCache) {
    this.#driver = driver;
    this.#cache = cache;
  }

  /** The hits; null when it has to be searched in a transaction. The query was checked, but for its dimension. */
  search({ version, vector, limit, mode, model }: VectorQuery): VectorHit[] | null {
    if ((mode !== undefined && mode !== 'exact') || limit === 0) return null;
    const ref = normalizeVersionRef(version);
    const seen = this.#seen.get(keyOf(ref));
    if (seen === undefined || !seen.isSettled || seen.space.dimension !== vector.length) return null;
    const { versionId, space, generation } = seen;
    const candidates = this.#cache.scanAt(versionId, space, generation, vector, limit);
    if (candidates === null || candidates.ids.length === 0) return null;
    const names = 'versionId' in ref ? [null, null] : [ref.library, ref.version];
    const isNamed = !('versionId' in ref);
    const hits = measureCandidates(space, vector, limit, candidates, (ids) => {
      const row = this.#driver.first<Fetched>(VECTORS_AND_STATE, [`[${ids}]`, versionId, ...names]);
      if (row === undefined || row.generation !== generation) return null;
      if (isNamed && row.named !== versionId) return null;
      if (model != null && row.model !== null && row.model !== model) return null;
      const now = toSpace(row.dimension, row.metric);
      return now?.dimension === space.dimension && now.metric === space.metric ? row : null;
    });
    if (hits === null) this.#seen.delete(keyOf(ref));
    else this.#cache.usedAsItIs(versionId);
    return hits;
  }

  /** Remembers how a version stood at a search in a transaction. */
  remember(
    { version }: VectorQuery,
    { versionId, profile: space, generations: { generation } }: SearchState,
  ): void {
    if (versionId === null || space === null) return;
    const key = keyOf(normalizeVersionRef(version));
    const before = this.#seen.get(key);
    const isSettled = before?.versionId === versionId && before.generation === generation;
    if (this.#seen.size >= MOST_SEEN) this.#seen.clear();
    this.#seen.set(key, { versionId, space, generation, isSettled });
  }
}

function keyOf(ref: ReturnType<typeof normalizeVersionRef>): string | VersionId {
  return 'versionId' in ref ? ref.versionId : `${ref.library}\0${ref.version}`;
}
