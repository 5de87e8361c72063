import type { MatchStatements } from '@switchyard/sqlite-common';

/**
 * Searches by words. Most of the time goes into bm25, so that it must not be computed for chunks of other versions.
 * FTS5 can skip all but a range of ids by itself, and the chunks of a version, indexed together, mostly are a range of
 * their own; only when others stand among them is each chunk looked up in the index that covers it.
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
      AND NOT EXISTS (
        SELECT 1
        FROM documents INDEXED BY documents_structural
        WHERE documents.version_id = ?2 AND documents.structural = 1 AND documents.id = documents_fts.rowid
      )
    ORDER BY score DESC, id
    LIMIT ?3`,
};

/**
 * Which of some chunks of a version only give structure: a JSON array of ids and the version are bound. The index alone
 * tells, where the rows, each with its text, would have to be read for it.
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

/** Fails when the index contradicts itself or, because of the 1, the texts it was made from. */
export const CHECK_INTEGRITY = `
  INSERT INTO documents_fts (documents_fts, rank) VALUES ('integrity-check', 1)`;

export const REBUILD = `
  INSERT INTO documents_fts (documents_fts) VALUES ('rebuild')`;

/**
 * Sets what is already so, which makes the structure record another one: after a rebuild it may look as it did before,
 * and whoever keeps something of the index would not notice.
 */
export const COUNT_CONFIGURATION_UP = `
  INSERT INTO documents_fts (documents_fts, rank) VALUES ('automerge', 4)`;

/** One segment instead of many: a word is then looked up in one place. */
/** Merges about so many pages of the index: a negative number begins a merge of everything, a positive one continues. */
export const MERGE = `
  INSERT INTO documents_fts (documents_fts, rank) VALUES ('merge', ?1)`;

/** Rows changed on this connection, those of the index itself included. */
export const TOTAL_CHANGES = `
  SELECT total_changes() AS n`;

export const OPTIMIZE = `
  INSERT INTO documents_fts (documents_fts) VALUES ('optimize')`;
