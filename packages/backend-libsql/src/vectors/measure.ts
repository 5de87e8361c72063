import type { ChunkId } from '@switchyard/storage-core';
import { distance, type VectorHit } from '@switchyard/storage-core/backend';
import { fromBlob } from './blob.js';
import type { VectorSpace } from './profile.js';

/** A vector as it is stored. */
export interface StoredVector {
  readonly id: ChunkId;
  readonly embedding: Uint8Array | null;
}

/**
 * Returns the exact distance of a stored vector, or null if its bytes are not a finite vector of this space. Such bytes
 * were not written by this backend; the audit reports them.
 */
export function measure(
  { metric, dimension }: VectorSpace,
  query: Float32Array,
  embedding: Uint8Array | null,
): number | null {
  const vector = fromBlob(embedding, dimension);
  const exact = vector === null ? Number.NaN : distance(metric, query, vector);
  return Number.isNaN(exact) ? null : exact;
}

/** Measures stored vectors. Those without a distance are left out. */
export function measureAll(
  space: VectorSpace,
  query: Float32Array,
  rows: readonly StoredVector[],
): VectorHit[] {
  const hits: VectorHit[] = [];
  for (const { id, embedding } of rows) {
    const exact = measure(space, query, embedding);
    if (exact !== null) hits.push({ chunkId: id, distance: exact });
  }
  return hits;
}

/** Sorts hits in place by ascending distance, ties by chunk id, and returns the first `limit`. */
export function nearestOf(hits: VectorHit[], limit: number): VectorHit[] {
  hits.sort((a, b) => a.distance - b.distance || a.chunkId - b.chunkId);
  return hits.slice(0, limit);
}
