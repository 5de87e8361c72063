import { type SqliteDriver, textOf } from '@switchyard/sqlite-common';
import type { ChunkId, PageId } from '@switchyard/storage-core';
import { lastKey } from '@switchyard/storage-core/backend';
import { fromBlob, isFiniteVector } from './blob.js';
import type { FetchedVectors } from './measure-candidates.js';
import { readProfile } from './profile.js';

/** Vectors of the store's dimension, concatenated into one value, which takes half as long as a row per vector. */
const VECTORS_OF_PAGES = `
  SELECT ${textOf('group_concat(id)', 'ids', 'documents.id')}, CAST(group_concat(embedding, '') AS BLOB) AS vectors
  FROM (
    SELECT documents.id, document_vectors.embedding
    FROM documents
    JOIN document_vectors ON document_vectors.document_id = documents.id
    WHERE documents.page_id IN (SELECT value FROM json_each(?1))
      AND documents.id > ?2
      AND typeof(document_vectors.embedding) = 'blob'
      AND length(document_vectors.embedding) = ?4
    ORDER BY documents.id
    LIMIT ?3
  )`;

/** Far below the limit of SQLite for one value, a gigabyte. */
const BYTES_AT_ONCE = 2 ** 26;

/**
 * Returns the usable vectors of all chunks of these pages.
 *
 * @param bytesAtOnce maximum bytes of vectors read by one statement, for servers, whose results must stay small
 */
export function vectorsOfPages(
  driver: SqliteDriver,
  pageIds: readonly PageId[],
  bytesAtOnce = BYTES_AT_ONCE,
): ReadonlyMap<ChunkId, Float32Array> {
  const found = new Map<ChunkId, Float32Array>();
  const profile = readProfile(driver);
  if (profile === null) return found;
  const bytes = profile.dimension * Float32Array.BYTES_PER_ELEMENT;
  const limit = Math.max(1, Math.floor(bytesAtOnce / bytes));
  const pages = JSON.stringify(pageIds);
  for (let after = 0; ; ) {
    const row = driver.first<FetchedVectors>(VECTORS_OF_PAGES, [pages, after, limit, bytes]);
    const ids = row?.ids?.split(',').map(Number) ?? [];
    for (const [index, id] of ids.entries()) {
      const vector = row?.vectors?.subarray(index * bytes, (index + 1) * bytes) ?? null;
      const components = vector === null ? null : fromBlob(vector, profile.dimension);
      if (components !== null && isFiniteVector(components)) found.set(id, components);
    }
    if (ids.length < limit) return found;
    after = lastKey(ids, after, 'vectors') ?? after;
  }
}
