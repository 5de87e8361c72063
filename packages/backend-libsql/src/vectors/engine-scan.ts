import { idsValue, type SqliteDriver } from '@switchyard/sqlite-common';
import type { ChunkId, VersionId } from '@switchyard/storage-core';
import type { VectorHit } from '@switchyard/storage-core/backend';
import { toBlob } from './blob.js';
import { float32Bound } from './float32-error.js';
import { measureAll, nearestOf, type StoredVector } from './measure.js';
import type { VectorSpace } from './profile.js';
import { lengthOf, toUnitLength } from './scale.js';
import * as sql from './scan-statements.js';
import type { VectorSearch } from './vector-search.js';

/** Rows fetched beyond the limit, so that a second statement is rarely needed. */
const MARGIN = 16;

interface Candidate extends StoredVector {
  /** As computed by the engine, in float32. */
  readonly distance: number;
}

/**
 * Exact search by the database engine, over all vectors of a version. The engine rounds to float32, so it only selects
 * candidates: every vector whose distance is not provably larger than that of the last hit. Their float64 distances
 * decide the order.
 */
export class EngineScan {
  readonly #driver: SqliteDriver;

  constructor(driver: SqliteDriver) {
    this.#driver = driver;
  }

  /** Returns the nearest vectors. Must run in a read transaction. */
  search(space: VectorSpace, { versionId, vector, limit, passing }: VectorSearch): VectorHit[] {
    const ids = idsValue(passing);
    const bytes = space.dimension * Float32Array.BYTES_PER_ELEMENT;
    if (space.metric === 'cosine' && lengthOf(vector) === 0)
      return this.#firstById(versionId, bytes, limit, ids);
    const statements = sql.scans[space.metric];
    const query = toBlob(space.metric === 'cosine' ? toUnitLength(vector) : vector);
    let candidates = this.#driver.all<Candidate>(statements.nearest, [
      query,
      versionId,
      bytes,
      limit + MARGIN,
      ids,
    ]);
    const farthest = candidates[limit - 1]?.distance;
    if (farthest !== undefined && candidates.length === limit + MARGIN) {
      const { factor, summand } = float32Bound(space);
      const bound = farthest * factor + summand;
      if ((candidates.at(-1)?.distance ?? 0) <= bound) {
        candidates = this.#driver.all<Candidate>(statements.within, [query, versionId, bytes, bound, ids]);
      }
    }
    const unscaled =
      space.metric === 'cosine' ? this.#driver.all<StoredVector>(sql.UNSCALED, [versionId, bytes, ids]) : [];
    return nearestOf(measureAll(space, vector, [...candidates, ...unscaled]), limit);
  }

  /** A vector of length 0 has a cosine distance of 1 from every other. */
  #firstById(versionId: VersionId, bytes: number, limit: number, ids: string | null): VectorHit[] {
    return this.#driver
      .all<{ id: ChunkId }>(sql.FIRST_BY_ID, [versionId, bytes, limit, ids])
      .map(({ id }) => ({ chunkId: id, distance: 1 }));
  }
}
