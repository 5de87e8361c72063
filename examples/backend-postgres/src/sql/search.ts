import type { Metric } from '@switchyard/storage-core';
import type { VectorType } from '../database/state.js';

/** Condition for a chunk that passes the filter in three parameters: types, headings and beginning of the URL. */
const passesFilter = (first: number) => `
    ($${first}::text[] IS NULL OR chunk.types && $${first})
    AND ($${first + 1}::text[] IS NULL OR chunk.path[1:cardinality($${first + 1})] = $${first + 1})
    AND ($${first + 2}::text IS NULL OR chunk.page_id IN (
      SELECT page.id
      FROM store.page
      WHERE page.version_id = chunk.version_id AND starts_with(page.url, $${first + 2})
    ))`;

/**
 * Distance of a chunk to the query $2, as pgvector computes it in float32. Without pgvector, all are equally far: every
 * chunk is a candidate, and the exact distance decides.
 */
function roughDistance(vectorType: VectorType, metric: Metric): string {
  if (vectorType === 'real[]') return '0::float8 * cardinality($2::real[])';
  return `chunk.embedding ${metric === 'l2' ? '<->' : '<=>'} $2::real[]::vector`;
}

/**
 * Candidates for the nearest $3 chunks of the version $1: those that are no further than the last of the first $3, plus what
 * float32 may be wrong by ($4 relative, $5 absolute). Chunks whose vector is too extreme for float32 are always candidates,
 * and all chunks if the query is ($6).
 */
export const NEAREST = (vectorType: VectorType, metric: Metric) => `
  WITH near AS (
    SELECT chunk.id, chunk.extreme, ${roughDistance(vectorType, metric)} AS distance
    FROM store.chunk
    WHERE chunk.version_id = $1 AND chunk.embedding IS NOT NULL AND ${passesFilter(7)}
  ), last AS (
    SELECT distance
    FROM near
    WHERE NOT extreme
    ORDER BY distance
    OFFSET $3::bigint - 1
    LIMIT 1
  )
  SELECT chunk.id AS "chunkId", chunk.embedding::real[]::text AS vector
  FROM near
  JOIN store.chunk ON chunk.id = near.id
  WHERE $6::boolean OR near.extreme
    OR near.distance <= coalesce((SELECT distance FROM last), 'Infinity') * $4::float8 + $5::float8`;

export const HAS_VECTORS = `
  SELECT EXISTS (
    SELECT
    FROM store.chunk
    WHERE version_id = ANY ($1::bigint[]) AND embedding IS NOT NULL
  ) AS found`;

export const VECTOR_STATS = `
  SELECT count(embedding) AS indexed, count(*) - count(embedding) AS without
  FROM store.chunk`;

/** Ids of those chunks among $1 that only provide structure. */
export const STRUCTURAL = `
  SELECT id
  FROM store.chunk
  WHERE id = ANY ($1::bigint[]) AND 'structural' = ANY (types)`;

/** Drops all vectors and returns their number. */
export const DROP_VECTORS = `
  WITH dropped AS (
    UPDATE store.chunk
    SET embedding = NULL, extreme = false
    WHERE embedding IS NOT NULL
    RETURNING id
  )
  SELECT count(*) AS dropped
  FROM dropped`;

/** Postings of the terms $1 in the version $2, without structural chunks if $3 is true. */
export const POSTINGS = `
  SELECT posting.term, posting.chunk_id AS "chunkId", posting.places, chunk.tokens
  FROM store.posting
  JOIN store.chunk ON chunk.id = posting.chunk_id
  WHERE posting.term = ANY ($1::text[]) AND posting.version_id = $2
    AND NOT ($3::boolean AND 'structural' = ANY (chunk.types)) AND ${passesFilter(4)}`;

/** Number of chunks of the whole store that contain each of the terms $1. */
export const TERM_COUNTS = `
  SELECT term, count(*) AS chunks
  FROM store.posting
  WHERE term = ANY ($1::text[])
  GROUP BY term`;

/** Postings of the terms $1 in all chunks of the store that contain all of them. */
export const PHRASE_POSTINGS = `
  SELECT term, chunk_id AS "chunkId", places
  FROM store.posting
  WHERE term = ANY ($1::text[]) AND chunk_id IN (
    SELECT chunk_id
    FROM store.posting
    WHERE term = ANY ($1::text[])
    GROUP BY chunk_id
    HAVING count(*) = cardinality($1::text[])
  )`;
