import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { ChunkId, PageId } from '@switchyard/storage-core';
import { fromBlob, readEmbedding } from './embedding-json.js';
import { readProfile } from './profile.js';

const selectIndexed = `
SELECT d.id, v.embedding
FROM documents AS d
JOIN pages AS p ON p.id = d.page_id
LEFT JOIN documents_vec AS v ON v.rowid = d.id AND v.version_id = p.version_id
WHERE d.page_id IN (SELECT value FROM json_each(?))`;

const selectStored = `
SELECT id, embedding
FROM documents
WHERE embedding IS NOT NULL AND id IN (SELECT value FROM json_each(?))`;

/**
 * The vectors of the chunks of some pages that can be used, by chunk id: the bytes that the index holds, since they are
 * what a search compares, and for a chunk that the index lacks those that it would hold.
 */
export function vectorsOfPages(
  driver: SqliteDriver,
  pageIds: readonly PageId[],
): ReadonlyMap<ChunkId, Float32Array> {
  const vectors = new Map<ChunkId, Float32Array>();
  const profile = readProfile(driver);
  if (profile === null) return vectors;
  const without: ChunkId[] = [];
  for (const { id, embedding } of driver.all<{ id: ChunkId; embedding: Uint8Array | null }>(selectIndexed, [
    JSON.stringify(pageIds),
  ])) {
    const vector = embedding === null ? null : fromBlob(embedding);
    if (vector !== null && vector.length === profile.dimension && hasFiniteSum(vector))
      vectors.set(id, vector);
    else without.push(id);
  }
  if (without.length === 0) return vectors;
  for (const { id, embedding } of driver.all<{ id: ChunkId; embedding: unknown }>(selectStored, [
    JSON.stringify(without),
  ])) {
    const { vector } = readEmbedding(embedding, profile.dimension);
    if (vector !== null) vectors.set(id, vector);
  }
  return vectors;
}

/** A sum of float32 values is finite in float64 exactly when each of them is. */
function hasFiniteSum(vector: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i] as number;
  return Number.isFinite(sum);
}
