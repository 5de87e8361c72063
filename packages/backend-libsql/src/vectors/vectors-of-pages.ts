import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { ChunkId, PageId } from '@switchyard/storage-core';
import { fromBlob, isFiniteVector } from './blob.js';
import { readProfile } from './profile.js';

const VECTORS_OF_PAGES = `
  SELECT document_vectors.document_id AS id, document_vectors.embedding
  FROM documents
  JOIN document_vectors ON document_vectors.document_id = documents.id
  WHERE documents.page_id IN (SELECT value FROM json_each(?1)) AND documents.id > ?2
  ORDER BY documents.id
  LIMIT ?3`;

/**
 * The vectors of all chunks of these pages that can be used.
 *
 * @param bytesAtOnce How many bytes of vectors are read by one statement, where an answer must not be large.
 */
export function vectorsOfPages(
  driver: SqliteDriver,
  pageIds: readonly PageId[],
  bytesAtOnce = Number.POSITIVE_INFINITY,
): ReadonlyMap<ChunkId, Float32Array> {
  const vectors = new Map<ChunkId, Float32Array>();
  const profile = readProfile(driver);
  if (profile === null) return vectors;
  const bytes = profile.dimension * Float32Array.BYTES_PER_ELEMENT;
  const limit = Number.isFinite(bytesAtOnce) ? Math.max(1, Math.floor(bytesAtOnce / bytes)) : -1;
  const pages = JSON.stringify(pageIds);
  for (let after = 0; ; ) {
    const rows = driver.all<{ id: ChunkId; embedding: Uint8Array }>(VECTORS_OF_PAGES, [pages, after, limit]);
    for (const { id, embedding } of rows) {
      const vector = fromBlob(embedding, profile.dimension);
      if (vector !== null && isFiniteVector(vector)) vectors.set(id, vector);
    }
    if (limit < 0 || rows.length < limit) return vectors;
    after = rows.at(-1)?.id ?? after;
  }
}
