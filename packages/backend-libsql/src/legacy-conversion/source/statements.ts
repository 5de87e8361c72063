import type { MatchStatements } from '@switchyard/sqlite-common';

/** An embedding as it is stored. */
export interface EmbeddingRow {
  readonly id: number;
  readonly is_text: number;
  readonly embedding: Uint8Array;
}

/** Older levels lack columns that the statements of the catalog name. */
export const PAGES_OF_OLDER_LEVELS = `
  CREATE TEMP VIEW pages AS SELECT *, NULL AS source_content_type FROM legacy.pages`;

export const COUNTS = `
  SELECT
    (SELECT count(*) FROM libraries) AS libraries,
    (SELECT count(*) FROM versions) AS versions,
    (SELECT count(*) FROM pages) AS pages,
    (SELECT count(*) FROM documents) AS chunks`;

export const ENGINE = `
  SELECT sqlite_version() AS sqlite`;

export const EMBEDDINGS_OF_PAGES = `
  SELECT id, typeof(embedding) = 'text' AS is_text, CAST(embedding AS BLOB) AS embedding
  FROM documents
  WHERE embedding IS NOT NULL AND page_id IN (SELECT value FROM json_each(?1))`;

/** From an index alone: the rows with their embeddings are large. */
export const CHUNKS_OF_PAGES = `
  SELECT id
  FROM documents
  WHERE page_id IN (SELECT value FROM json_each(?1))
  ORDER BY id`;

export const EMBEDDINGS_OF_VERSION = `
  SELECT id, typeof(embedding) = 'text' AS is_text, CAST(embedding AS BLOB) AS embedding
  FROM documents
  WHERE embedding IS NOT NULL
    AND page_id IN (SELECT pages.id FROM pages WHERE pages.version_id = ?1)
    AND id > ?2
  ORDER BY id
  LIMIT 128`;

export const EMBEDDINGS_AFTER = `
  SELECT id, typeof(embedding) = 'text' AS is_text, CAST(embedding AS BLOB) AS embedding
  FROM documents
  WHERE embedding IS NOT NULL AND id > ?1
  ORDER BY id
  LIMIT 128`;

export const CHUNKS_OF_VERSION = `
  SELECT documents.id
  FROM pages
  JOIN documents ON documents.page_id = pages.id
  WHERE pages.version_id = ?1`;

export const COUNT_WITHOUT_EMBEDDING = `
  SELECT count(*) AS n FROM documents WHERE embedding IS NULL`;

/** Words of a version. Which chunks it has is read from an index: the rows with their embeddings are large. */
export const matchStatements: MatchStatements = {
  all: `
    SELECT documents_fts.rowid AS id, -bm25(documents_fts, ?4, ?5, ?6, ?7) AS score
    FROM documents_fts
    WHERE documents_fts MATCH ?1
      AND +documents_fts.rowid IN (
        SELECT documents.id
        FROM pages
        JOIN documents ON documents.page_id = pages.id
        WHERE pages.version_id = ?2
      )
    ORDER BY score DESC, id
    LIMIT ?3`,
  withoutStructural: `
    SELECT documents_fts.rowid AS id, -bm25(documents_fts, ?4, ?5, ?6, ?7) AS score
    FROM documents_fts
    WHERE documents_fts MATCH ?1
      AND EXISTS (
        SELECT 1
        FROM documents
        JOIN pages ON pages.id = documents.page_id
        WHERE documents.id = documents_fts.rowid
          AND pages.version_id = ?2
          AND NOT (
            json_valid(documents.metadata)
            AND EXISTS (SELECT 1 FROM json_each(documents.metadata, '$.types') WHERE value = 'structural')
          )
      )
    ORDER BY score DESC, id
    LIMIT ?3`,
};
