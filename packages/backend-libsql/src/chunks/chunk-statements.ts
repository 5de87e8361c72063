/** Number of rows of {@link INSERT_CHUNKS} and {@link INSERT_VECTORS}. */
export const ROWS_AT_ONCE = 8;

/**
 * Up to eight chunks of a page. ?1 the page, ?2 its version; then for each chunk its id or NULL, sort order, structural
 * flag, creation time, metadata, content; only NULL for unused rows. Chunks without an id get the next ones, in order. Ids
 * of deleted chunks are never reused.
 */
export const INSERT_CHUNKS = `
  INSERT INTO documents (id, page_id, version_id, sort_order, structural, created_at, metadata, content)
  SELECT column1, ?1, ?2, column2, column3, column4, column5, column6
  FROM (
    VALUES
      (?3, ?4, ?5, ?6, ?7, ?8),
      (?9, ?10, ?11, ?12, ?13, ?14),
      (?15, ?16, ?17, ?18, ?19, ?20),
      (?21, ?22, ?23, ?24, ?25, ?26),
      (?27, ?28, ?29, ?30, ?31, ?32),
      (?33, ?34, ?35, ?36, ?37, ?38),
      (?39, ?40, ?41, ?42, ?43, ?44),
      (?45, ?46, ?47, ?48, ?49, ?50)
  )
  WHERE column2 IS NOT NULL`;

export const INSERT_FTS_OF_PAGE = `
  INSERT INTO documents_fts (rowid, content, title, url, path)
  SELECT id, content, title, url, path FROM documents_text WHERE page_id = ?1`;

/** External-content FTS5 needs the old values to delete an entry. */
export const DELETE_FTS_OF_PAGE = `
  INSERT INTO documents_fts (documents_fts, rowid, content, title, url, path)
  SELECT 'delete', id, content, title, url, path FROM documents_text WHERE page_id = ?1`;

/** ?1 a JSON array of page ids. */
export const DELETE_FTS_OF_PAGES = `
  INSERT INTO documents_fts (documents_fts, rowid, content, title, url, path)
  SELECT 'delete', id, content, title, url, path
  FROM documents_text
  WHERE page_id IN (SELECT value FROM json_each(?1))`;

/** ?1 a JSON array of version ids. */
export const DELETE_FTS_OF_VERSIONS = `
  INSERT INTO documents_fts (documents_fts, rowid, content, title, url, path)
  SELECT 'delete', id, content, title, url, path
  FROM documents_text
  WHERE version_id IN (SELECT value FROM json_each(?1))`;

/** ?1 the chunk, ?2 its version, ?3 `unscaled`, ?4 the vector. */
export const INSERT_VECTOR = `
  INSERT INTO document_vectors (document_id, version_id, unscaled, embedding) VALUES (?1, ?2, ?3, ?4)`;

/** Up to eight vectors of the version ?1: for each the chunk, `unscaled`, and the vector; only NULL for unused rows. */
export const INSERT_VECTORS = `
  INSERT INTO document_vectors (document_id, version_id, unscaled, embedding)
  SELECT column1, ?1, column2, column3
  FROM (
    VALUES
      (?2, ?3, ?4),
      (?5, ?6, ?7),
      (?8, ?9, ?10),
      (?11, ?12, ?13),
      (?14, ?15, ?16),
      (?17, ?18, ?19),
      (?20, ?21, ?22),
      (?23, ?24, ?25)
  )
  WHERE column1 IS NOT NULL`;

export const DELETE_VECTORS_OF_PAGE = `
  DELETE FROM document_vectors WHERE document_id IN (SELECT id FROM documents WHERE page_id = ?1)
  RETURNING document_id AS id`;

/** ?1 a JSON array of page ids. */
export const DELETE_VECTORS_OF_PAGES = `
  DELETE FROM document_vectors
  WHERE document_id IN (SELECT id FROM documents WHERE page_id IN (SELECT value FROM json_each(?1)))
  RETURNING document_id AS id`;

/** Those versions of a JSON array of ids that have vectors. */
export const VERSIONS_WITH_VECTORS = `
  SELECT version.value AS id
  FROM json_each(?1) AS version
  WHERE EXISTS (SELECT 1 FROM document_vectors WHERE document_vectors.version_id = version.value)`;

/** ?1 a JSON array of version ids. */
export const DELETE_VECTORS_OF_VERSIONS = `
  DELETE FROM document_vectors WHERE version_id IN (SELECT value FROM json_each(?1))`;

export const DELETE_CHUNKS_OF_PAGE = `
  DELETE FROM documents WHERE page_id = ?1`;

/** ?1 a JSON array of page ids. */
export const DELETE_CHUNKS_OF_PAGES = `
  DELETE FROM documents WHERE page_id IN (SELECT value FROM json_each(?1))`;

/** ?1 a JSON array of version ids. */
export const DELETE_CHUNKS_OF_VERSIONS = `
  DELETE FROM documents WHERE version_id IN (SELECT value FROM json_each(?1))`;
