import type { ChunkId, VectorHit } from '@switchyard/storage-core';

/** A chunk and its vector, which is valid until the next one. */
export interface Neighbour {
  readonly id: ChunkId;
  readonly vector: Float32Array;
}

/** The nearest of some vectors, ascending, equal distances by id. */
export function nearestIn(
  neighbours: Iterable<Neighbour>,
  limit: number,
  distanceTo: (vector: Float32Array) => number,
): VectorHit[] {
  let best: VectorHit[] = [];
  let worst = Number.POSITIVE_INFINITY;
  for (const { id, vector } of neighbours) {
    const distance = distanceTo(vector);
    if (distance > worst) continue;
    best.push({ chunkId: id, distance });
    if (best.length < limit * 4) continue;
    best = cut(best, limit);
    worst = best.at(-1)?.distance ?? worst;
  }
  return cut(best, limit);
}

function cut(hits: VectorHit[], limit: number): VectorHit[] {
  return hits.sort((a, b) => a.distance - b.distance || a.chunkId - b.chunkId).slice(0, limit);
}
