import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { ChunkId, VersionId } from '@switchyard/storage-core';
import { distance, type VectorHit } from '@switchyard/storage-core/backend';
import { fromBlob, toBlob } from './blob.js';
import type { VectorSpace } from './profile.js';
import { lengthOf, toUnitLength } from './scale.js';
import * as sql from './scan-statements.js';
import type { VectorSearch, VectorSearcher } from './vector-searcher.js';

/** Rows fetched beyond the limit, so that a second look is seldom needed. */
const MARGIN = 16;

interface Candidate {
  readonly id: ChunkId;
  /** As the engine computed it, in float32. */
  readonly distance: number;
  readonly embedding: Uint8Array;
}

/**
 * Searches by the engine's own scan. The engine rounds to float32, so that it only chooses the candidates: every vector
 * whose distance is not provably larger than the last one wanted. Their order is decided in float64.
 */
export class ExactScan implements VectorSearcher {
  readonly #driver: SqliteDriver;

  constructor(driver: SqliteDriver) {
    this.#driver = driver;
  }

  search(space: VectorSpace, { versionId, vector, limit }: VectorSearch): VectorHit[] {
    const bytes = space.dimension * Float32Array.BYTES_PER_ELEMENT;
    if (space.metric === 'cosine' && lengthOf(vector) === 0) return this.#firstById(versionId, bytes, limit);
    const statements = sql.scans[space.metric];
    const query = toBlob(space.metric === 'cosine' ? toUnitLength(vector) : vector);
    let candidates = this.#driver.all<Candidate>(statements.nearest, [
      query,
      versionId,
      bytes,
      limit + MARGIN,
    ]);
    const farthest = candidates[limit - 1]?.distance;
    if (farthest !== undefined && candidates.length === limit + MARGIN) {
      const bound = upperBound(space, farthest);
      if ((candidates.at(-1)?.distance ?? 0) <= bound) {
        candidates = this.#driver.all<Candidate>(statements.within, [query, versionId, bytes, bound]);
      }
    }
    const unscaled =
      space.metric === 'cosine'
        ? this.#driver.all<Omit<Candidate, 'distance'>>(sql.UNSCALED, [versionId, bytes])
        : [];
    return rescore(space, vector, [...candidates, ...unscaled], limit);
  }

  /** A vector without length has the distance 1 from everything. */
  #firstById(versionId: VersionId, bytes: number, limit: number): VectorHit[] {
    return this.#driver
      .all<{ id: ChunkId }>(sql.FIRST_BY_ID, [versionId, bytes, limit])
      .map(({ id }) => ({ chunkId: id, distance: 1 }));
  }
}

function rescore(
  { metric, dimension }: VectorSpace,
  query: Float32Array,
  candidates: readonly Omit<Candidate, 'distance'>[],
  limit: number,
): VectorHit[] {
  const hits: VectorHit[] = [];
  for (const { id, embedding } of candidates) {
    const vector = fromBlob(embedding, dimension);
    const exact = vector === null ? Number.NaN : distance(metric, query, vector);
    // Bytes that are no finite vector came from somewhere else: the audit reports them.
    if (!Number.isNaN(exact)) hits.push({ chunkId: id, distance: exact });
  }
  hits.sort((a, b) => a.distance - b.distance || a.chunkId - b.chunkId);
  return hits.slice(0, limit);
}

/**
 * The largest float32 distance that a vector may show which is in truth no farther than one that shows `farthest`.
 *
 * A float32 sum of n products is off by at most n + 1 roundings of u = 2⁻²⁴ (Higham, Accuracy and Stability of
 * Numerical Algorithms, section 3.1). The cosine has three such sums and a few roundings more, together below (2n + 8)u
 * in absolute terms, 2u of it for the query that was brought to length 1. The root of the sum of squares is off by less
 * than (n / 2 + 4)u relatively; the constant covers squares that vanish. Both distances may be off, so twice that.
 */
function upperBound({ metric, dimension }: VectorSpace, farthest: number): number {
  const u = 2 ** -24;
  return metric === 'cosine'
    ? farthest + 2 * (2 * dimension + 8) * u
    : farthest * (1 + 2 * (dimension / 2 + 4) * u * 1.01) + 1e-18 * Math.sqrt(dimension);
}
