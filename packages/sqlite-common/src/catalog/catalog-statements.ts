/** Statements that read the catalog. Both SQLite backends run the same text. */
import { bytes, integer, text, textOf } from '../rows/text-columns.js';
import { SCOPE_ID } from './references.js';
import { selectRelativesOf } from './relatives-sql.js';

const LIBRARY_COLUMNS = `
    libraries.id, ${text('libraries.name')}, ${text('libraries.created_at')}`;

const VERSION_COLUMNS = `
    ${text('libraries.name', { as: 'library', idColumn: 'library_id' })},
    versions.id,
    ${integer('versions."library_id"', 'library_id')},
    ${text('versions.name')},
    ${text('versions.status')},
    ${integer('versions.progress_pages')},
    ${integer('versions.progress_max_pages')},
    ${text('versions.error_message')},
    ${text('versions.source_url')},
    ${text('versions.scraper_options')},
    ${text('versions.created_at')},
    ${text('versions.started_at')},
    ${text('versions.updated_at')}`;

const PAGE_COLUMNS = `
    pages.id,
    ${integer('pages.version_id')},
    ${text('pages.url')},
    ${text('pages.title')},
    ${text('pages.etag')},
    ${text('pages.last_modified')},
    ${text('pages.content_type')},
    ${text('pages.source_content_type')},
    ${integer('pages.depth')},
    ${text('pages.created_at')},
    ${text('pages.updated_at')}`;

/** Columns of the chunk itself. */
const DOCUMENT_COLUMNS = `
    documents.id,
    ${integer('documents.page_id')},
    ${text('documents.content')},
    ${text('documents.metadata')},
    ${integer('documents.sort_order')}`;

const CHUNK_COLUMNS = `${DOCUMENT_COLUMNS},
    ${text('documents.created_at')},
    ${integer('pages.version_id')},
    ${text('pages.url', { idColumn: 'page_id' })},
    ${text('pages.title', { idColumn: 'page_id' })},
    ${text('pages.content_type', { idColumn: 'page_id' })},
    ${text('pages.source_content_type', { idColumn: 'page_id' })}`;

export const LIBRARIES = `
  SELECT ${LIBRARY_COLUMNS}
  FROM libraries
  ORDER BY lower(libraries.name), libraries.id`;

export const LIBRARY = `
  SELECT ${LIBRARY_COLUMNS}
  FROM libraries
  WHERE libraries.id = ?1`;

export const VERSION = `
  SELECT ${VERSION_COLUMNS}
  FROM versions
  JOIN libraries ON libraries.id = versions.library_id
  WHERE versions.id = ?1`;

export const VERSIONS_OF_LIBRARY = `
  SELECT ${VERSION_COLUMNS}
  FROM versions
  JOIN libraries ON libraries.id = versions.library_id
  WHERE versions.library_id = ?1
  ORDER BY lower(coalesce(versions.name, '')), versions.id`;

export const VERSIONS_BY_STATUS = `
  SELECT ${VERSION_COLUMNS}
  FROM versions
  JOIN libraries ON libraries.id = versions.library_id
  WHERE versions.status IN (SELECT value FROM json_each(?1))
  ORDER BY lower(libraries.name), lower(coalesce(versions.name, '')), versions.id`;

export const VERSIONS_BY_SOURCE_URL = `
  SELECT ${VERSION_COLUMNS}
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
  SELECT ${VERSION_COLUMNS},
    coalesce(indexed.chunks, 0) AS chunks,
    ${textOf(
      '(SELECT min(pages.created_at) FROM pages WHERE pages.version_id = versions.id)',
      'first_indexed_at',
      'pages.created_at',
    )},
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

/** Pages of a version with a greater id, up to a limit; −1 returns all. */
export const PAGES_AFTER = `
  SELECT ${PAGE_COLUMNS}
  FROM pages
  WHERE pages.version_id = ?1 AND pages.id > ?2
  ORDER BY pages.id
  LIMIT ?3`;

export const PAGE = `
  SELECT ${PAGE_COLUMNS}
  FROM pages
  WHERE pages.id = ?1`;

export const CHUNKS = `
  SELECT ${CHUNK_COLUMNS}
  FROM documents
  JOIN pages ON pages.id = documents.page_id
  WHERE documents.id IN (SELECT value FROM json_each(?1))
  ORDER BY documents.sort_order, documents.id`;

/** Chunks of one version: see `readInScope`. */
export const CHUNKS_OF_VERSION = `
  SELECT ${CHUNK_COLUMNS}
  FROM documents
  JOIN pages ON pages.id = documents.page_id
  WHERE documents.id IN (SELECT value FROM json_each(?1)) AND pages.version_id = ${SCOPE_ID}
  ORDER BY documents.sort_order, documents.id`;

export const CHUNKS_OF_PAGE = `
  SELECT ${CHUNK_COLUMNS}
  FROM pages
  JOIN documents ON documents.page_id = pages.id
  WHERE pages.id = ?1
  ORDER BY documents.sort_order, documents.id`;

/**
 * Chunks and their relatives, each once, with their roles: see `selectRelativesOf`. Parameters: ?1 a JSON array of ids, ?2
 * to ?4 the version (see `readInScope`) or ?2 = -1 for any, ?5 to ?8 the limits of `RELATIVE_LIMITS`.
 */
export const RELATIVES = `
  WITH
    ${selectRelativesOf(
      `SELECT documents.id, documents.page_id
      FROM documents
      JOIN pages ON pages.id = documents.page_id
      WHERE documents.id IN (SELECT value FROM json_each(?1))
        AND (?2 = -1 OR pages.version_id = ${SCOPE_ID})`,
      5,
    )}
  SELECT ${CHUNK_COLUMNS}, ${bytes('relatives.roles')}
  FROM relatives
  JOIN documents ON documents.id = relatives.id
  JOIN pages ON pages.id = documents.page_id
  ORDER BY documents.sort_order, documents.id`;

/** Chunks of some pages after the given page, sort order and id, up to a limit; −1 returns all. */
export const CHUNKS_OF_PAGES = `
  SELECT ${DOCUMENT_COLUMNS}, ${text('documents.created_at')}
  FROM documents
  WHERE documents.page_id IN (SELECT value FROM json_each(?1))
    AND (documents.page_id, documents.sort_order, documents.id) > (?2, ?3, ?4)
  ORDER BY documents.page_id, documents.sort_order, documents.id
  LIMIT ?5`;

/** Chunks without timestamps, for tables in which a large column precedes them. */
export const CHUNKS_OF_PAGES_WITHOUT_TIMES = `
  SELECT ${DOCUMENT_COLUMNS}, NULL AS created_at
  FROM documents
  WHERE documents.page_id IN (SELECT value FROM json_each(?1))
    AND (documents.page_id, documents.sort_order, documents.id) > (?2, ?3, ?4)
  ORDER BY documents.page_id, documents.sort_order, documents.id
  LIMIT ?5`;
