import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { ChunkId, PageId } from '@switchyard/storage-core';
import { fromBlob, isFiniteVector, readEmbedding } from './embedding-json.js';
import { fromIndexOnly, readVectorTable } from './index-table.js';
import { readProfile } from './profile.js';

const selectEmbeddings = `
SELECT id, embedding
FROM documents
WHERE embedding IS NOT NULL AND page_id IN (SELECT value FROM json_each(?))`;

const selectIndexed = `
SELECT d.id, v.embedding
${fromIndexOnly} AND d.page_id IN (SELECT value FROM json_each(?))`;

const hasChunkWithoutEmbedding = `
SELECT 1
FROM documents
WHERE embedding IS NULL AND page_id IN (SELECT value FROM json_each(?))
LIMIT 1`;

/**
 * Returns the usable vectors of the chunks of some pages, by chunk id.
 *
 * Reads the stored embedding of a chunk, and the index only if there is none. In a sound store both hold the same
 * bytes; if they differ, the stored embedding counts and the audit names the chunk. It is also faster: vec0 keeps 1,024
 * vectors in one blob, and reaching one of them means following the pages of that blob.
 */
export function vectorsOfPages(
  driver: SqliteDriver,
  pageIds: readonly PageId[],
): ReadonlyMap<ChunkId, Float32Array> {
  const vectors = new Map<ChunkId, Float32Array>();
  const profile = readProfile(driver);
  if (profile === null) return vectors;
  const pages = JSON.stringify(pageIds);
  const rows = driver.all<{ id: ChunkId; embedding: unknown }>(selectEmbeddings, [pages]);
  for (const { id, embedding } of rows) {
    const { vector } = readEmbedding(embedding, profile.dimension);
    if (vector !== null) vectors.set(id, vector);
  }
  const table = readVectorTable(driver);
  const mayBeIndexed = !table.empty && table.dimension === profile.dimension;
  if (!mayBeIndexed || driver.first(hasChunkWithoutEmbedding, [pages]) === undefined) return vectors;
  for (const { id, embedding } of driver.all<{ id: ChunkId; embedding: Uint8Array }>(selectIndexed, [
    pages,
  ])) {
    const vector = fromBlob(embedding);
    if (isFiniteVector(vector)) vectors.set(id, vector);
  }
  return vectors;
}
