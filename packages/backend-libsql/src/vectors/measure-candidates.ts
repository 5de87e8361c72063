import type { VectorHit } from '@switchyard/storage-core/backend';
import { sortPairs } from '@switchyard/vector-kernel';
import { type Candidates, reach } from './codes/candidates.js';
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
 * Returns the nearest candidates. Measures the promising ones first, then those that can still win.
 *
 * @param measure returns the distances of chunks; if it returns null, so does the call
 * @returns Null if a candidate is missing or has bytes that are not a finite vector.
 */
export function measureCandidates(
  limit: number,
  { ids, lowerBounds, promising }: Candidates,
  measure: (ids: Float64Array) => Float64Array | null,
): VectorHit[] | null {
  let nearest: VectorHit[] = [];
  let end = promising;
  for (let done = 0; done < end; ) {
    const wanted = ids.slice(done, end);
    const distances = measure(wanted);
    if (distances === null) return null;
    for (const distance of distances) if (Number.isNaN(distance)) return null;
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

/** Returns fetched vectors, concatenated in the order of the listed ids. Returns null unless exactly these were fetched. */
export function unpackFetched(
  { dimension }: VectorSpace,
  count: number,
  list: string,
  fetched: FetchedVectors | undefined,
): Float32Array | null {
  const vectors = fetched?.vectors;
  if (fetched?.ids !== list || vectors == null) return null;
  if (vectors.byteLength !== count * dimension * Float32Array.BYTES_PER_ELEMENT) return null;
  return new Float32Array(vectors.buffer, vectors.byteOffset, count * dimension);
}
