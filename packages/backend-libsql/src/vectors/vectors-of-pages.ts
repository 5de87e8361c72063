import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { ChunkId, PageId } from '@switchyard/storage-core';
import { fromBlob } from './blob.js';
import { readProfile } from './profile.js';

const VECTORS_OF_PAGES = `
  SELECT document_vectors.document_id AS id, document_vectors.embedding
  FROM documents
  JOIN document_vectors ON document_vectors.document_id = documents.id
  WHERE documents.page_id IN (SELECT value FROM json_each(?1))`;

/** The vectors of all chunks of these pages that can be used. */
export function vectorsOfPages(
  driver: SqliteDriver,
  pageIds: readonly PageId[],
): ReadonlyMap<ChunkId, Float32Array> {
  const vectors = new Map<ChunkId, Float32Array>();
  const profile = readProfile(driver);
  if (profile === null) return vectors;
  const rows = driver.all<{ id: ChunkId; embedding: Uint8Array }>(VECTORS_OF_PAGES, [
    JSON.stringify(pageIds),
  ]);
  for (const { id, embedding } of rows) {
    const vector = fromBlob(embedding, profile.dimension);
    if (vector?.every(Number.isFinite)) vectors.set(id, vector);
  }
  return vectors;
}
