/** How the chunks of a page are written and deleted. */

/** Ids go up for ever: those of deleted chunks are not given again. */
export const LAST_CHUNK_ID = `
  SELECT seq FROM sqlite_sequence WHERE name = 'documents'`;

export const INSERT_CHUNK = `
  INSERT INTO documents (id, page_id, version_id, sort_order, structural, created_at, metadata, content)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`;

export const INSERT_WORDS_OF_PAGE = `
  INSERT INTO documents_fts (rowid, content, title, url, path)
  SELECT id, content, title, url, path FROM documents_text WHERE page_id = ?1`;

/** FTS5 with external content is told what it has to forget. */
export const DELETE_WORDS_OF_PAGE = `
  INSERT INTO documents_fts (documents_fts, rowid, content, title, url, path)
  SELECT 'delete', id, content, title, url, path FROM documents_text WHERE page_id = ?1`;

export const DELETE_WORDS_OF_VERSION = `
  INSERT INTO documents_fts (documents_fts, rowid, content, title, url, path)
  SELECT 'delete', id, content, title, url, path FROM documents_text WHERE version_id = ?1`;

export const INSERT_VECTOR = `
  INSERT INTO document_vectors (document_id, version_id, unscaled, embedding) VALUES (?1, ?2, ?3, ?4)`;

export const DELETE_VECTORS_OF_PAGE = `
  DELETE FROM document_vectors WHERE document_id IN (SELECT id FROM documents WHERE page_id = ?1)
  RETURNING document_id AS id`;

export const DELETE_VECTORS_OF_VERSION = `
  DELETE FROM document_vectors WHERE version_id = ?1`;

export const DELETE_CHUNKS_OF_PAGE = `
  DELETE FROM documents WHERE page_id = ?1`;

export const DELETE_CHUNKS_OF_VERSION = `
  DELETE FROM documents WHERE version_id = ?1`;
