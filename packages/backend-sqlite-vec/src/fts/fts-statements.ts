import type { MatchStatements } from '@switchyard/sqlite-common';

/** Full-text queries. The version of a chunk is that of its page; bm25 is computed over the whole store. */
export const matchStatements: MatchStatements = {
  all: `
SELECT f.rowid AS id, -bm25(documents_fts, ?4, ?5, ?6, ?7) AS score
FROM documents_fts AS f
JOIN documents AS d ON d.id = f.rowid
JOIN pages AS p ON p.id = d.page_id
WHERE
  documents_fts MATCH ?1
  AND p.version_id = ?2
  AND (?8 IS NULL OR f.rowid IN (SELECT value FROM json_each(?8)))
ORDER BY score DESC, id
LIMIT ?3`,
  withoutStructural: `
SELECT f.rowid AS id, -bm25(documents_fts, ?4, ?5, ?6, ?7) AS score
FROM documents_fts AS f
JOIN documents AS d ON d.id = f.rowid
JOIN pages AS p ON p.id = d.page_id
WHERE
  documents_fts MATCH ?1
  AND p.version_id = ?2
  AND (?8 IS NULL OR f.rowid IN (SELECT value FROM json_each(?8)))
  AND NOT (
    json_valid(d.metadata)
    AND EXISTS (SELECT 1 FROM json_each(d.metadata, '$.types') WHERE value = 'structural')
  )
ORDER BY score DESC, id
LIMIT ?3`,
};

/** Selects the structural chunks among a bound JSON array of ids. */
export const structuralAmong = `
SELECT d.id
FROM json_each(?) AS wanted
JOIN documents AS d ON d.id = wanted.value
WHERE
  json_valid(d.metadata)
  AND EXISTS (SELECT 1 FROM json_each(d.metadata, '$.types') AS types WHERE types.value = 'structural')
ORDER BY d.id`;

/** Same declaration as in the application's schema. */
export const createFts = `
CREATE VIRTUAL TABLE documents_fts USING fts5(
  content,
  title,
  url,
  path,
  tokenize='porter unicode61'
)`;

/** Inserts the text of every chunk, as the triggers do. Metadata that is not JSON has no path. */
export const insertFts = `
INSERT INTO documents_fts (rowid, content, title, url, path)
SELECT
  d.id,
  d.content,
  p.title,
  p.url,
  CASE WHEN json_valid(d.metadata) THEN json_extract(d.metadata, '$.path') END
FROM documents AS d
JOIN pages AS p ON p.id = d.page_id
ORDER BY d.id`;

/** Chunks whose full-text entry is missing or differs. */
export const selectDifferences = `
SELECT d.id, w.id IS NULL AS isMissing
FROM documents AS d
JOIN pages AS p ON p.id = d.page_id
LEFT JOIN documents_fts_content AS w ON w.id = d.id
WHERE
  w.id IS NULL
  OR w.c0 IS NOT d.content
  OR w.c1 IS NOT p.title
  OR w.c2 IS NOT p.url
  OR w.c3 IS NOT CASE WHEN json_valid(d.metadata) THEN json_extract(d.metadata, '$.path') END
ORDER BY d.id`;

/** Chunks without a full-text entry. */
export const selectMissing = `
SELECT d.id
FROM documents AS d
WHERE
  d.id NOT IN (SELECT id FROM documents_fts_docsize)
  AND d.page_id IN (SELECT id FROM pages)
ORDER BY d.id`;

export const selectOrphans = `
SELECT id
FROM documents_fts_content
WHERE id NOT IN (SELECT id FROM documents)
ORDER BY id`;

export const countDocuments = `
SELECT count(*) AS n
FROM documents`;
