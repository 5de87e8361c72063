import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { ChunkId, VersionId } from '@switchyard/storage-core';
import { lastKey } from '@switchyard/storage-core/backend';
import { fromBlob, isFiniteVector } from '../blob.js';
import type { VectorSpace } from '../profile.js';
import { VECTORS_AFTER } from './code-statements.js';

/** Some vectors of a version, concatenated. */
export interface VectorBatch {
  readonly ids: readonly ChunkId[];
  readonly vectors: Float32Array;
}

/**
 * Yields the usable vectors of a version by chunk id, up to `size` at a time. Bytes that are not a finite vector were not
 * written by this backend and are left to the audit.
 */
export function* eachBatch(
  driver: SqliteDriver,
  { dimension }: VectorSpace,
  versionId: VersionId,
  size: number,
): Generator<VectorBatch> {
  const bytes = dimension * Float32Array.BYTES_PER_ELEMENT;
  for (let after = 0; ; ) {
    const rows = driver.all<{ id: ChunkId; embedding: Uint8Array }>(VECTORS_AFTER, [
      versionId,
      after,
      bytes,
      size,
    ]);
    const last = lastKey(
      rows.map(({ id }) => id),
      after,
      'vectors',
    );
    const ids: ChunkId[] = [];
    const packed = new Float32Array(rows.length * dimension);
    for (const { id, embedding } of rows) {
      const vector = fromBlob(embedding, dimension);
      if (vector === null || !isFiniteVector(vector)) continue;
      packed.set(vector, ids.length * dimension);
      ids.push(id);
    }
    if (ids.length > 0) yield { ids, vectors: packed.subarray(0, ids.length * dimension) };
    if (rows.length < size) return;
    after = last ?? after;
  }
}
