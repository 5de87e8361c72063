/** Libraries with the id $1 or the key $2. */
export const LIBRARIES_LIKE = `
  SELECT id, name
  FROM store.library
  WHERE id = $1 OR name_key = $2`;

export const PUT_LIBRARY = `
  INSERT INTO store.library (id, name, name_key, created_at)
  VALUES ($1, $2, $3, $4)
  ON CONFLICT (id) DO UPDATE SET created_at = excluded.created_at`;

/** Versions with the id $1, or with the key $3 in the library $2. */
export const VERSIONS_LIKE = `
  SELECT id, library_id AS "libraryId", name
  FROM store.version
  WHERE id = $1 OR (library_id = $2 AND name_key = $3)`;

export const PUT_VERSION = `
  INSERT INTO store.version (
    id, library_id, name, name_key, status, progress_pages, progress_max_pages, error_message, source_url,
    scraper_options, created_at, started_at, updated_at
  )
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
  ON CONFLICT (id) DO UPDATE SET
    status = excluded.status,
    progress_pages = excluded.progress_pages,
    progress_max_pages = excluded.progress_max_pages,
    error_message = excluded.error_message,
    source_url = excluded.source_url,
    scraper_options = excluded.scraper_options,
    created_at = excluded.created_at,
    started_at = excluded.started_at,
    updated_at = excluded.updated_at`;

export const SET_STATUS = `
  UPDATE store.version
  SET status = $2, error_message = $3, updated_at = $4
  WHERE id = $1`;

export const SET_PROGRESS = `
  UPDATE store.version
  SET progress_pages = $2, progress_max_pages = $3, updated_at = $4
  WHERE id = $1`;

export const SET_SOURCE = `
  UPDATE store.version
  SET source_url = $2, scraper_options = $3, updated_at = $4
  WHERE id = $1`;

/** The page with the key $2 in the version $1. */
export const PAGE_LIKE = `
  SELECT id, created_at AS "createdAt"
  FROM store.page
  WHERE version_id = $1 AND url_key = $2`;

export const INSERT_PAGE = `
  INSERT INTO store.page (
    id, version_id, url, url_key, title, etag, last_modified, content_type, source_content_type, depth, created_at,
    updated_at
  )
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`;

export const UPDATE_PAGE = `
  UPDATE store.page
  SET title = $2, etag = $3, last_modified = $4, content_type = $5, source_content_type = $6, depth = $7,
    created_at = $8, updated_at = $9
  WHERE id = $1`;

/** Inserts chunks of the page $1 in the version $2, from a list for each column. */
export const INSERT_CHUNKS = `
  INSERT INTO store.chunk (
    page_id, version_id, id, sort_order, content, metadata, types, path, tokens, created_at, embedding, extreme
  )
  SELECT $1, $2, id, sort_order, content, metadata, types::text[], path::text[], tokens, created_at,
    embedding::real[], extreme
  FROM unnest(
    $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::integer[], $10::text[],
    $11::text[], $12::boolean[]
  ) AS chunk (id, sort_order, content, metadata, types, path, tokens, created_at, embedding, extreme)`;

/** Inserts postings of the version $1, from a list for each column. */
export const INSERT_POSTINGS = `
  INSERT INTO store.posting (version_id, term, chunk_id, places)
  SELECT $1, term, chunk_id, places
  FROM unnest($2::text[], $3::bigint[], $4::bytea[]) AS posting (term, chunk_id, places)`;

/** Deletes the chunks of the pages $1 with what belongs to them, and returns their number and that of their tokens. */
export const DELETE_CHUNKS = `
  WITH gone AS (
    DELETE FROM store.chunk
    WHERE page_id = ANY ($1::bigint[])
    RETURNING id, tokens
  ), postings AS (
    DELETE FROM store.posting
    USING gone
    WHERE posting.chunk_id = gone.id
  ), vectors AS (
    DELETE FROM store.staged
    USING gone
    WHERE staged.chunk_id = gone.id
  )
  SELECT count(*) AS chunks, coalesce(sum(tokens), 0) AS tokens
  FROM gone`;

export const DELETE_PAGES = 'DELETE FROM store.page WHERE id = ANY ($1::bigint[])';

export const DELETE_VERSION = 'DELETE FROM store.version WHERE id = $1';

export const DELETE_LIBRARY = 'DELETE FROM store.library WHERE id = $1';

export const PAGES_OF_VERSION = `
  SELECT id, url, updated_at AS "updatedAt"
  FROM store.page
  WHERE version_id = $1`;

export const VERSIONS_OF_LIBRARY = 'SELECT id FROM store.version WHERE library_id = $1';
