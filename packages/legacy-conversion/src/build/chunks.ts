import type { SqliteDriver } from '@switchyard/sqlite-common';
import { lastKey } from '@switchyard/storage-core/backend';

/** Number of ids per step. */
const STEP = 2000;

const NEXT = `
  SELECT min(id) AS id FROM legacy.documents WHERE id > ?1`;

/**
 * SQL version of `isStructural`: types is an array of texts, one of which is 'structural'. Only parses the few rows
 * whose metadata can contain the word.
 */
const CHUNKS = `
  INSERT INTO main.documents (id, page_id, version_id, sort_order, structural, created_at, metadata, content)
  SELECT
    documents.id,
    documents.page_id,
    pages.version_id,
    documents.sort_order,
    CASE
      WHEN (instr(documents.metadata, 'structural') > 0 OR instr(documents.metadata, char(92) || 'u') > 0)
        AND json_valid(documents.metadata)
      THEN
        coalesce(json_type(documents.metadata, '$.types') = 'array', 0)
        AND EXISTS (
          SELECT 1 FROM json_each(documents.metadata, '$.types') WHERE type = 'text' AND value = 'structural'
        )
        AND NOT EXISTS (SELECT 1 FROM json_each(documents.metadata, '$.types') WHERE type <> 'text')
      ELSE 0
    END,
    documents.created_at,
    documents.metadata,
    documents.content
  FROM legacy.documents
  JOIN main.pages ON pages.id = documents.page_id
  WHERE documents.id >= ?1 AND documents.id < ?2
  ORDER BY documents.id`;

/**
 * Copies the texts of the next chunks, inside SQLite.
 *
 * @returns Their first id, the id to continue after, and their number; null after the last chunk.
 */
export function copyChunks(
  driver: SqliteDriver,
  after: number,
): { from: number; after: number; rows: number } | null {
  const first = driver.first<{ id: number | null }>(NEXT, [after])?.id ?? null;
  if (first === null) return null;
  lastKey([first], after, 'chunks');
  const { changes } = driver.run(CHUNKS, [first, first + STEP]);
  return { from: first, after: first + STEP - 1, rows: changes };
}
