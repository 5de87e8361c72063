import { type SqliteDriver, textOf } from '@switchyard/sqlite-common';
import type { ChunkId, PageId } from '@switchyard/storage-core';
import { fromBlob, isFiniteVector } from './blob.js';
import type { FetchedVectors } from './measure-candidates.js';
import { readProfile } from './profile.js';

/** End to end, which takes half as long as one by one. What is not of the dimension of the store cannot be used. */
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

/** Well below the gigabyte that SQLite gives one value. */
const BYTES_AT_ONCE = 2 ** 26;

/**
 * The vectors of all chunks of these pages that can be used.
 *
 * @param bytesAtOnce How many bytes of vectors are read by one statement, where an answer must not be large.
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
    after = ids.at(-1) ?? after;
  }
}
