/** The reads of the catalog. Both stores of the family run them word for word. */

export const LIBRARIES = `
  SELECT id, name, created_at FROM libraries ORDER BY lower(name), id`;

export const LIBRARY = `
  SELECT id, name, created_at FROM libraries WHERE id = ?1`;

export const VERSION = `
  SELECT libraries.name AS library, versions.*
  FROM versions
  JOIN libraries ON libraries.id = versions.library_id
  WHERE versions.id = ?1`;

export const VERSIONS_OF_LIBRARY = `
  SELECT libraries.name AS library, versions.*
  FROM versions
  JOIN libraries ON libraries.id = versions.library_id
  WHERE versions.library_id = ?1
  ORDER BY lower(coalesce(versions.name, '')), versions.id`;

export const VERSIONS_BY_STATUS = `
  SELECT libraries.name AS library, versions.*
  FROM versions
  JOIN libraries ON libraries.id = versions.library_id
  WHERE versions.status IN (SELECT value FROM json_each(?1))
  ORDER BY lower(libraries.name), lower(coalesce(versions.name, '')), versions.id`;

export const VERSIONS_BY_SOURCE_URL = `
  SELECT libraries.name AS library, versions.*
  FROM versions
  JOIN libraries ON libraries.id = versions.library_id
  WHERE versions.source_url = ?1
  ORDER BY versions.created_at DESC, versions.id DESC`;

export const OVERVIEW = `
  WITH indexed AS (
    SELECT pages.version_id, count(*) AS chunks
    FROM pages
    JOIN documents ON documents.page_id = pages.id
    GROUP BY pages.version_id
  )
  SELECT
    libraries.name AS library,
    versions.*,
    coalesce(indexed.chunks, 0) AS chunks,
    (SELECT min(created_at) FROM pages WHERE pages.version_id = versions.id) AS first_indexed_at,
    (SELECT count(*) FROM pages WHERE pages.version_id = versions.id) AS urls
  FROM versions
  JOIN libraries ON libraries.id = versions.library_id
  LEFT JOIN indexed ON indexed.version_id = versions.id
  ORDER BY lower(libraries.name), lower(coalesce(versions.name, '')), versions.id`;

export const HAS_CHUNKS = `
  SELECT EXISTS (
    SELECT 1
    FROM pages
    JOIN documents ON documents.page_id = pages.id
    WHERE pages.version_id = ?1
  ) AS found`;

/** Pages of a version behind an id, at most so many; −1 for all. */
export const PAGES_AFTER = `
  SELECT * FROM pages WHERE version_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3`;

export const PAGE = `
  SELECT * FROM pages WHERE id = ?1`;

export const CHUNKS = `
  SELECT
    documents.id, documents.page_id, pages.version_id, pages.url, pages.title, pages.content_type,
    pages.source_content_type, documents.content, documents.metadata, documents.sort_order, documents.created_at
  FROM documents
  JOIN pages ON pages.id = documents.page_id
  WHERE documents.id IN (SELECT value FROM json_each(?1))
  ORDER BY documents.sort_order, documents.id`;

export const CHUNKS_OF_PAGE = `
  SELECT
    documents.id, documents.page_id, pages.version_id, pages.url, pages.title, pages.content_type,
    pages.source_content_type, documents.content, documents.metadata, documents.sort_order, documents.created_at
  FROM pages
  JOIN documents ON documents.page_id = pages.id
  WHERE pages.id = ?1
  ORDER BY documents.sort_order, documents.id`;

/** The page of a chunk, without the texts. */
export const OUTLINE = `
  SELECT id, metadata
  FROM documents
  WHERE page_id = (SELECT page_id FROM documents WHERE id = ?1)
  ORDER BY sort_order, id`;

/** A part of the chunks of some pages: those behind the given page, sort order and id, at most so many; −1 for all. */
export const CHUNKS_OF_PAGES = `
  SELECT id, page_id, content, metadata, sort_order, created_at
  FROM documents
  WHERE page_id IN (SELECT value FROM json_each(?1)) AND (page_id, sort_order, id) > (?2, ?3, ?4)
  ORDER BY page_id, sort_order, id
  LIMIT ?5`;

/** The same without the times, for tables in which something large stands before them. */
export const CHUNKS_OF_PAGES_WITHOUT_TIMES = `
  SELECT id, page_id, content, metadata, sort_order, NULL AS created_at
  FROM documents
  WHERE page_id IN (SELECT value FROM json_each(?1)) AND (page_id, sort_order, id) > (?2, ?3, ?4)
  ORDER BY page_id, sort_order, id
  LIMIT ?5`;
