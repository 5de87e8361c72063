import type { VectorHit } from '@switchyard/storage-core/backend';
import { sortPairs } from '@switchyard/vector-kernel';
import { type Candidates, reach } from './codes/candidates.js';
import { distancesFrom } from './distances.js';
import { nearestOf } from './measure.js';
import type { VectorSpace } from './profile.js';

/** Chunk ids and their vectors, in the requested order; ids without a vector are missing. */
export interface FetchedVectors {
  /** Comma-separated. */
  readonly ids: string | null;
  /** Float32, concatenated. */
  readonly vectors: Uint8Array | null;
}

/**
 * Returns the nearest candidates, measured from their float32 components. Fetches the promising ones first, then those
 * that can still win.
 *
 * @param fetch takes comma-separated ids; if it returns null, so does the call
 * @returns Null if a candidate is missing or has bytes that are not a finite vector.
 */
export function measureCandidates(
  space: VectorSpace,
  query: Float32Array,
  limit: number,
  { ids, lowerBounds, promising }: Candidates,
  fetch: (ids: string) => FetchedVectors | null,
): VectorHit[] | null {
  let nearest: VectorHit[] = [];
  let end = promising;
  for (let done = 0; done < end; ) {
    const wanted = ids.slice(done, end);
    const list = wanted.join(',');
    const distances = distancesOf(space, query, wanted.length, list, fetch(list));
    if (distances === null) return null;
    const measured = nearestPairs(wanted, distances, limit);
    // As a rule, all are measured at once.
    nearest = nearest.length === 0 ? measured : nearestOf([...nearest, ...measured], limit);
    done = end;
    end = reach(lowerBounds, done, nearest[limit - 1]?.distance ?? Number.POSITIVE_INFINITY);
  }
  return nearest;
}

/** {@link nearestOf} for typed arrays, which it sorts in place. */
function nearestPairs(ids: Float64Array, distances: Float64Array, limit: number): VectorHit[] {
  sortPairs(distances, ids, ids.length);
  const hits: VectorHit[] = [];
  for (let i = 0; i < ids.length && i < limit; i++) {
    hits.push({ chunkId: ids[i] as number, distance: distances[i] as number });
  }
  return hits;
}

/** Returns null unless exactly the listed vectors were fetched and all are finite. */
function distancesOf(
  { metric, dimension }: VectorSpace,
  query: Float32Array,
  count: number,
  list: string,
  fetched: FetchedVectors | null,
): Float64Array | null {
  const vectors = fetched?.vectors;
  if (fetched?.ids !== list || vectors == null) return null;
  if (vectors.byteLength !== count * dimension * Float32Array.BYTES_PER_ELEMENT) return null;
  const rows = new Float32Array(vectors.buffer, vectors.byteOffset, count * dimension);
  const distances = distancesFrom(metric, query, rows, count);
  for (const distance of distances) if (Number.isNaN(distance)) return null;
  return distances;
}
