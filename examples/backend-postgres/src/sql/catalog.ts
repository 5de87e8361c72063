/*
 * A version is given by its id or by the keys of its names: the first three parameters of most statements. See
 * `versionParameters()`.
 */

/** Id of the given version; null if it does not exist. */
export const VERSION_ID = `(
    SELECT version.id
    FROM store.version
    JOIN store.library ON library.id = version.library_id
    WHERE version.id = $1::bigint OR (library.name_key = $2::text AND version.name_key = $3::text)
  )`;

const LIBRARY_COLUMNS = 'library.id, library.name, library.created_at AS "createdAt"';

const VERSION_COLUMNS = `
    version.id, version.library_id AS "libraryId", library.name AS library, version.name, version.status,
    version.progress_pages AS "progressPages", version.progress_max_pages AS "progressMaxPages",
    version.error_message AS "errorMessage", version.source_url AS "sourceUrl",
    version.scraper_options AS "scraperOptions", version.created_at AS "createdAt",
    version.started_at AS "startedAt", version.updated_at AS "updatedAt"`;

const PAGE_COLUMNS = `
    page.id, page.version_id AS "versionId", page.url, page.title, page.etag, page.last_modified AS "lastModified",
    page.content_type AS "contentType", page.source_content_type AS "sourceContentType", page.depth,
    page.created_at AS "createdAt", page.updated_at AS "updatedAt"`;

const CHUNK_COLUMNS = `
    chunk.id, chunk.page_id AS "pageId", chunk.version_id AS "versionId", page.url, page.title,
    page.content_type AS "contentType", page.source_content_type AS "sourceContentType", chunk.content,
    chunk.metadata, chunk.sort_order AS "sortOrder", chunk.created_at AS "createdAt"`;

export const LIBRARIES = `
  SELECT ${LIBRARY_COLUMNS}
  FROM store.library
  ORDER BY name`;

/** $1 id or $2 key of the name. */
export const LIBRARY = `
  SELECT ${LIBRARY_COLUMNS}
  FROM store.library
  WHERE id = $1::bigint OR name_key = $2::text`;

export const VERSION = `
  SELECT ${VERSION_COLUMNS}
  FROM store.version
  JOIN store.library ON library.id = version.library_id
  WHERE version.id = ${VERSION_ID}`;

/** $1 id or $2 key of the library. */
export const VERSIONS = `
  SELECT ${VERSION_COLUMNS}
  FROM store.version
  JOIN store.library ON library.id = version.library_id
  WHERE library.id = $1::bigint OR library.name_key = $2::text
  ORDER BY version.name`;

export const VERSIONS_BY_STATUS = `
  SELECT ${VERSION_COLUMNS}
  FROM store.version
  JOIN store.library ON library.id = version.library_id
  WHERE version.status = ANY ($1::text[])
  ORDER BY library.name, version.name`;

export const VERSIONS_BY_SOURCE_URL = `
  SELECT ${VERSION_COLUMNS}
  FROM store.version
  JOIN store.library ON library.id = version.library_id
  WHERE version.source_url = $1`;

/** Both forms of a timestamp, with a space or a T, have the same order in time as in this form. */
export const OVERVIEW = `
  SELECT ${VERSION_COLUMNS},
    (SELECT count(*) FROM store.chunk WHERE chunk.version_id = version.id) AS chunks,
    (SELECT count(*) FROM store.page WHERE page.version_id = version.id) AS urls,
    (
      SELECT page.created_at
      FROM store.page
      WHERE page.version_id = version.id AND page.created_at IS NOT NULL
      ORDER BY replace(page.created_at, ' ', 'T'), page.id
      LIMIT 1
    ) AS "firstIndexedAt"
  FROM store.version
  JOIN store.library ON library.id = version.library_id
  ORDER BY library.name, version.name`;

export const HAS_CHUNKS = `
  SELECT EXISTS (SELECT FROM store.chunk WHERE version_id = ${VERSION_ID}) AS found`;

/** Pages with an id above $4, at most $5; null for all. */
export const PAGES = `
  SELECT ${PAGE_COLUMNS}
  FROM store.page
  WHERE page.version_id = ${VERSION_ID} AND page.id > $4
  ORDER BY page.id
  LIMIT $5`;

export const PAGE_BY_ID = `
  SELECT ${PAGE_COLUMNS}
  FROM store.page
  WHERE page.id = $1`;

export const PAGE_BY_URL = `
  SELECT ${PAGE_COLUMNS}
  FROM store.page
  WHERE page.version_id = ${VERSION_ID} AND page.url_key = $4`;

/** Chunks with the ids $4, of any version if $5 is true. */
export const CHUNKS = `
  SELECT ${CHUNK_COLUMNS}
  FROM store.chunk
  JOIN store.page ON page.id = chunk.page_id
  WHERE chunk.id = ANY ($4::bigint[]) AND ($5::boolean OR chunk.version_id = ${VERSION_ID})
  ORDER BY chunk.sort_order, chunk.id`;

export const CHUNKS_BY_URL = `
  SELECT ${CHUNK_COLUMNS}
  FROM store.chunk
  JOIN store.page ON page.id = chunk.page_id
  WHERE page.version_id = ${VERSION_ID} AND page.url_key = $4
  ORDER BY chunk.sort_order, chunk.id`;

/** Ids and headings of all chunks on the pages of the chunks $4. */
export const OUTLINES = `
  SELECT chunk.id, chunk.page_id AS "pageId", chunk.path
  FROM store.chunk
  WHERE chunk.page_id IN (
    SELECT page_id
    FROM store.chunk
    WHERE id = ANY ($4::bigint[]) AND ($5::boolean OR version_id = ${VERSION_ID})
  )
  ORDER BY chunk.page_id, chunk.sort_order, chunk.id`;

/** Chunks of the pages $1, with their vectors. */
export const SNAPSHOT_CHUNKS = `
  SELECT id, page_id AS "pageId", content, metadata, sort_order AS "sortOrder", created_at AS "createdAt",
    embedding::real[]::text AS vector
  FROM store.chunk
  WHERE page_id = ANY ($1::bigint[])
  ORDER BY page_id, sort_order, id`;

export const COUNTS = `
  SELECT
    (SELECT count(*) FROM store.library) AS libraries,
    (SELECT count(*) FROM store.version) AS versions,
    (SELECT count(*) FROM store.page) AS pages,
    count(*) AS chunks,
    count(embedding) AS vectors
  FROM store.chunk`;

/** Size of each table of the schema $1 with its indexes. */
export const SIZES = `
  SELECT relname AS name, pg_total_relation_size(pg_class.oid) AS bytes
  FROM pg_class
  WHERE relnamespace = $1::regnamespace AND relkind = 'r'`;

export const ENGINE = `
  SELECT
    current_setting('server_version') AS version,
    (SELECT extversion FROM pg_extension WHERE extname = 'vector') AS pgvector`;
