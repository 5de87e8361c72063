import type { VectorHit } from '@switchyard/storage-core/backend';
import { sortPairs } from '@switchyard/vector-kernel';
import { type Candidates, reach } from './codes/candidates.js';
import { distancesFrom } from './distances.js';
import type { VectorSpace } from './profile.js';

/** Chunks and the vectors of them, both in the order in which they were asked for as far as they are there. */
export interface FetchedVectors {
  /** Separated by commas. */
  readonly ids: string | null;
  /** Float32, end to end. */
  readonly vectors: Uint8Array | null;
}

/**
 * The nearest of the candidates, measured from their float32 components. Fetches the promising ones, then those that can
 * still win.
 *
 * @param fetch gets ids, separated by commas; null ends it
 * @returns Null when a candidate is not there, or is not what it was taken for.
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
    nearest = nearestOf(nearest, wanted, distances, limit);
    done = end;
    end = reach(lowerBounds, done, nearest[limit - 1]?.distance ?? Number.POSITIVE_INFINITY);
  }
  return nearest;
}

/** The nearest of those known and of those just measured, whose arrays are sorted for it. */
function nearestOf(
  known: readonly VectorHit[],
  ids: Float64Array,
  distances: Float64Array,
  limit: number,
): VectorHit[] {
  sortPairs(distances, ids, ids.length);
  const measured: VectorHit[] = [];
  for (let i = 0; i < ids.length && i < limit; i++) {
    measured.push({ chunkId: ids[i] as number, distance: distances[i] as number });
  }
  if (known.length === 0) return measured; // as a rule, all are measured at once
  return [...known, ...measured]
    .sort((a, b) => a.distance - b.distance || a.chunkId - b.chunkId)
    .slice(0, limit);
}

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
