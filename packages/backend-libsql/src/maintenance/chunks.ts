import { type SqliteDriver, withoutLogging } from '@switchyard/sqlite-common';
import type { DamageList } from '@switchyard/storage-core/backend';

export const CORRECT_CHUNKS = 'Copy version and structural flag to the chunks from their pages and metadata.';

const IS_STRUCTURAL = `
  coalesce(
    CASE
      WHEN json_valid(documents.metadata) AND json_type(documents.metadata, '$.types') = 'array'
        THEN EXISTS (
          SELECT 1 FROM json_each(documents.metadata, '$.types') WHERE type = 'text' AND value = 'structural'
        )
    END,
    0
  )`;

const WRONG_VERSION = `
  SELECT documents.id
  FROM documents
  JOIN pages ON pages.id = documents.page_id
  WHERE documents.version_id <> pages.version_id
  ORDER BY documents.id`;

const WRONG_MARK = `
  SELECT documents.id
  FROM documents
  WHERE documents.structural <> ${IS_STRUCTURAL}
  ORDER BY documents.id`;

const CORRECT_VERSION = `
  UPDATE documents
  SET version_id = (SELECT pages.version_id FROM pages WHERE pages.id = documents.page_id)
  WHERE documents.id IN (${WRONG_VERSION})`;

const CORRECT_MARK = `
  UPDATE documents SET structural = ${IS_STRUCTURAL} WHERE documents.id IN (${WRONG_MARK})`;

const WITHOUT_VECTOR = `
  SELECT id
  FROM documents
  WHERE id NOT IN (SELECT document_id FROM document_vectors)
    AND version_id IN (SELECT version_id FROM document_vectors)
  ORDER BY id`;

const VECTOR_WITHOUT_CHUNK = `
  SELECT document_id AS id FROM document_vectors WHERE document_id NOT IN (SELECT id FROM documents) ORDER BY 1`;

/** Reports chunks whose version is not that of their page. */
export function checkVersionOfChunks(driver: SqliteDriver, list: DamageList): void {
  for (const { id } of driver.all<{ id: number }>(WRONG_VERSION))
    list.add({
      code: 'chunk',
      detail: 'The version of a chunk is not that of its page.',
      example: `chunk ${id}`,
      repair: CORRECT_CHUNKS,
    });
}

/** Reports chunks whose structural flag contradicts their metadata. */
export function checkMarkOfChunks(driver: SqliteDriver, list: DamageList): void {
  for (const { id } of driver.all<{ id: number }>(WRONG_MARK))
    list.add({
      code: 'chunk',
      detail: 'The structural flag of a chunk contradicts its metadata.',
      example: `chunk ${id}`,
      repair: CORRECT_CHUNKS,
    });
}

/** Corrects version and structural flag of chunks. Must run in a write transaction. */
export function correctChunks(driver: SqliteDriver): void {
  // Both follow from columns that stay as they are.
  withoutLogging(driver, () => {
    driver.run(CORRECT_VERSION);
    driver.run(CORRECT_MARK);
  });
}

/** Reports chunks without a vector in versions that have vectors. Only an embedder can repair that. */
export function checkMissingVectors(driver: SqliteDriver, list: DamageList): void {
  for (const { id } of driver.all<{ id: number }>(WITHOUT_VECTOR))
    list.add({
      code: 'vector-missing',
      detail:
        'A chunk has no vector, although others of its version have one: only full-text search finds it.',
      example: `chunk ${id}`,
      advice:
        'Index its version again with the embedder of the store. A chunk that is too large for the model gets none.',
    });
}

/** Reports vectors without a chunk. */
export function checkOrphanVectors(driver: SqliteDriver, list: DamageList, repair: string): void {
  for (const { id } of driver.all<{ id: number }>(VECTOR_WITHOUT_CHUNK))
    list.add({ code: 'vector', detail: 'A vector without a chunk.', example: `chunk ${id}`, repair });
}
