import { type MatchStatements, textOf } from '@switchyard/sqlite-common';

/** An embedding as stored. */
export interface EmbeddingRow {
  readonly id: number;
  readonly is_text: number;
  readonly embedding: Uint8Array;
}

/** Supplies columns of the catalog's statements that older levels lack. */
export const PAGES_OF_OLDER_LEVELS = `
  CREATE TEMP VIEW pages AS SELECT *, NULL AS source_content_type FROM legacy.pages`;

/** Like {@link PAGES_OF_OLDER_LEVELS}, before level 010. */
export const PAGES_OF_OLDEST_LEVEL = `
  CREATE TEMP VIEW pages AS SELECT *, NULL AS source_content_type, NULL AS depth FROM legacy.pages`;

export const COUNTS = `
  SELECT
    (SELECT count(*) FROM libraries) AS libraries,
    (SELECT count(*) FROM versions) AS versions,
    (SELECT count(*) FROM pages) AS pages,
    (SELECT count(*) FROM documents) AS chunks`;

export const ENGINE = `
  SELECT ${textOf('sqlite_version()', 'sqlite', 'sqlite.version')}`;

export const EMBEDDINGS_OF_PAGES = `
  SELECT id, typeof(embedding) = 'text' AS is_text, CAST(embedding AS BLOB) AS embedding
  FROM documents
  WHERE embedding IS NOT NULL AND page_id IN (SELECT value FROM json_each(?1))`;

/** Reads only an index, because the rows with their embeddings are large. */
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

/** Owners of chunks whose vector may exist only in the index. */
export const OWNERS_OF_PAGES = `
  SELECT documents.id, pages.version_id, versions."library_id"
  FROM documents
  JOIN pages ON pages.id = documents.page_id
  JOIN versions ON versions.id = pages.version_id
  WHERE documents.embedding IS NULL AND documents.page_id IN (SELECT value FROM json_each(?1))
  ORDER BY documents.id`;

/** Like {@link OWNERS_OF_PAGES}, for a version. */
export const OWNERS_OF_VERSION = `
  SELECT documents.id, pages.version_id, versions."library_id"
  FROM documents
  JOIN pages ON pages.id = documents.page_id
  JOIN versions ON versions.id = pages.version_id
  WHERE documents.embedding IS NULL AND pages.version_id = ?1
  ORDER BY documents.id`;

/** Table in which a scan records finished chunks: see vectors/scan.ts. */
export const SETTLED = `
  CREATE TABLE IF NOT EXISTS main.document_vectors (document_id INTEGER PRIMARY KEY);
  DELETE FROM main.document_vectors`;

export const SETTLE = `
  INSERT INTO main.document_vectors (document_id) VALUES (?1)`;

export const CHUNKS_OF_VERSION = `
  SELECT documents.id
  FROM pages
  JOIN documents ON documents.page_id = pages.id
  WHERE pages.version_id = ?1`;

export const COUNT_EMBEDDINGS = `
  SELECT count(embedding) AS n FROM documents`;

export const COUNT_CHUNKS = `
  SELECT count(*) AS n FROM documents`;

/**
 * Full-text matches of a version. Reads its chunk ids from an index, because the rows with their embeddings are large.
 */
export const matchStatements: MatchStatements = {
  all: `
    SELECT documents_fts.rowid AS id, -bm25(documents_fts, ?4, ?5, ?6, ?7) AS score
    FROM documents_fts
    WHERE documents_fts MATCH ?1
      AND (?8 IS NULL OR +documents_fts.rowid IN (SELECT value FROM json_each(?8)))
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
      AND (?8 IS NULL OR +documents_fts.rowid IN (SELECT value FROM json_each(?8)))
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
