import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { EmbeddingProfile } from '@switchyard/storage-core';
import { distance, type VectorHit } from '@switchyard/storage-core/backend';
import { fromBlob } from '../../src/vectors/blob.js';

const ALL_VECTORS = `
  SELECT document_id AS id, embedding FROM document_vectors WHERE version_id = ?1`;

/** The nearest vectors by measuring every one, in the state of the store that the transaction under way sees. */
export function bruteForce(
  driver: SqliteDriver,
  { dimension, metric }: EmbeddingProfile,
  versionId: number,
  query: Float32Array,
  limit: number,
): VectorHit[] {
  return driver
    .all<{ id: number; embedding: Uint8Array }>(ALL_VECTORS, [versionId])
    .map(({ id, embedding }) => {
      const vector = fromBlob(embedding, dimension);
      return { chunkId: id, distance: vector === null ? Number.NaN : distance(metric, query, vector) };
    })
    .filter((hit) => !Number.isNaN(hit.distance))
    .sort((a, b) => a.distance - b.distance || a.chunkId - b.chunkId)
    .slice(0, limit);
}
