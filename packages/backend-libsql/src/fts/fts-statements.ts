import type { MatchStatements } from '@switchyard/sqlite-common';

/**
 * Full-text search by the engine. Most of its time is spent on bm25, so it must not be computed for chunks of other
 * versions. FTS5 can restrict itself to a range of ids, and the chunks of a version that was indexed at once are such a
 * range. Only if it contains other versions is each chunk looked up in the covering index.
 */
export const matchStatements: MatchStatements = {
  all: `
    WITH
      span AS MATERIALIZED (
        SELECT
          (SELECT min(id) FROM documents WHERE version_id = ?2) AS first,
          (SELECT max(id) FROM documents WHERE version_id = ?2) AS last
      ),
      others AS MATERIALIZED (
        SELECT EXISTS (
          SELECT 1
          FROM versions, span
          WHERE versions.id <> ?2
            AND EXISTS (
              SELECT 1
              FROM documents INDEXED BY documents_by_version
              WHERE documents.version_id = versions.id AND documents.id BETWEEN span.first AND span.last
            )
        ) AS found
      )
    SELECT rowid AS id, -bm25(documents_fts, ?4, ?5, ?6, ?7) AS score
    FROM documents_fts
    WHERE documents_fts MATCH ?1
      AND rowid BETWEEN (SELECT first FROM span) AND (SELECT last FROM span)
      AND (
        NOT (SELECT found FROM others)
        OR EXISTS (
          SELECT 1
          FROM documents INDEXED BY documents_by_version
          WHERE documents.version_id = ?2 AND documents.id = documents_fts.rowid
        )
      )
      AND (?8 IS NULL OR documents_fts.rowid IN (SELECT value FROM json_each(?8)))
    ORDER BY score DESC, id
    LIMIT ?3`,
  withoutStructural: `
    WITH
      span AS MATERIALIZED (
        SELECT
          (SELECT min(id) FROM documents WHERE version_id = ?2) AS first,
          (SELECT max(id) FROM documents WHERE version_id = ?2) AS last
      ),
      others AS MATERIALIZED (
        SELECT EXISTS (
          SELECT 1
          FROM versions, span
          WHERE versions.id <> ?2
            AND EXISTS (
              SELECT 1
              FROM documents INDEXED BY documents_by_version
              WHERE documents.version_id = versions.id AND documents.id BETWEEN span.first AND span.last
            )
        ) AS found
      )
    SELECT rowid AS id, -bm25(documents_fts, ?4, ?5, ?6, ?7) AS score
    FROM documents_fts
    WHERE documents_fts MATCH ?1
      AND rowid BETWEEN (SELECT first FROM span) AND (SELECT last FROM span)
      AND (
        NOT (SELECT found FROM others)
        OR EXISTS (
          SELECT 1
          FROM documents INDEXED BY documents_by_version
          WHERE documents.version_id = ?2 AND documents.id = documents_fts.rowid
        )
      )
      AND (?8 IS NULL OR documents_fts.rowid IN (SELECT value FROM json_each(?8)))
      AND NOT EXISTS (
        SELECT 1
        FROM documents INDEXED BY documents_structural
        WHERE documents.version_id = ?2 AND documents.structural = 1 AND documents.id = documents_fts.rowid
      )
    ORDER BY score DESC, id
    LIMIT ?3`,
};

/**
 * Structural chunks among those of a version. ?1 a JSON array of ids, ?2 the version. Reads only the index, not the rows,
 * which contain the texts.
 */
export const STRUCTURAL_AMONG = `
  SELECT id
  FROM documents INDEXED BY documents_structural
  WHERE version_id = ?2 AND structural = 1 AND id IN (SELECT value FROM json_each(?1))
  ORDER BY id`;

export const COUNT_CHUNKS = `
  SELECT count(*) AS n FROM documents`;

export const NOT_INDEXED = `
  SELECT id FROM documents WHERE id NOT IN (SELECT id FROM documents_fts_docsize) ORDER BY id`;

export const INDEXED_WITHOUT_CHUNK = `
  SELECT id FROM documents_fts_docsize WHERE id NOT IN (SELECT id FROM documents) ORDER BY id`;

/** Fails if the index contradicts itself or, because of the 1, its texts. */
export const CHECK_INTEGRITY = `
  INSERT INTO documents_fts (documents_fts, rank) VALUES ('integrity-check', 1)`;

export const REBUILD = `
  INSERT INTO documents_fts (documents_fts) VALUES ('rebuild')`;

/**
 * Sets an option to its current value, which changes the structure record: after a rebuild it may be the same as before,
 * and caches of the index would not notice.
 */
export const COUNT_CONFIGURATION_UP = `
  INSERT INTO documents_fts (documents_fts, rank) VALUES ('automerge', 4)`;

/** Merges about ?1 pages of the index. A negative number starts a merge of all segments, a positive one continues it. */
export const MERGE = `
  INSERT INTO documents_fts (documents_fts, rank) VALUES ('merge', ?1)`;

/** Rows changed on this connection, including those of the index itself. */
export const TOTAL_CHANGES = `
  SELECT total_changes() AS n`;

/** Merges all segments into one, in which a word is looked up once. */
export const OPTIMIZE = `
  INSERT INTO documents_fts (documents_fts) VALUES ('optimize')`;
