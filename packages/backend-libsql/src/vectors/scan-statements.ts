import { bytes } from '@switchyard/sqlite-common';
import type { Metric } from '@switchyard/storage-core';

/**
 * Scans by the engine. All take ?1 the bytes of the query, ?2 the version, ?3 the bytes of a vector of the store, ?5 a JSON
 * array of the chunk ids that may be hits, null for all. A vector of another length would fail the statement and is left to the audit, and so is one whose distance is NaN, which reads
 * as NULL.
 *
 * The vectors are joined after the limit is applied, because a sorter that carries them is slow.
 */

function among(parameter: number): string {
  return ` AND (?${parameter} IS NULL OR document_id IN (SELECT value FROM json_each(?${parameter})))`;
}

const NEAREST_BY_COSINE = `
  SELECT nearest.id, nearest.distance, ${bytes('document_vectors.embedding')}
  FROM (
    SELECT document_id AS id, vector_distance_cos(embedding, ?1) AS distance
    FROM document_vectors
    WHERE version_id = ?2 AND unscaled = 0 AND length(embedding) = ?3${among(5)}
    ORDER BY distance NULLS LAST
    LIMIT ?4
  ) AS nearest
  JOIN document_vectors ON document_vectors.document_id = nearest.id
  WHERE nearest.distance IS NOT NULL
  ORDER BY nearest.distance`;

const WITHIN_COSINE = `
  SELECT document_id AS id, ${bytes('document_vectors.embedding')}, vector_distance_cos(embedding, ?1) AS distance
  FROM document_vectors
  WHERE version_id = ?2 AND unscaled = 0 AND length(embedding) = ?3${among(5)} AND vector_distance_cos(embedding, ?1) <= ?4`;

const NEAREST_BY_L2 = `
  SELECT nearest.id, nearest.distance, ${bytes('document_vectors.embedding')}
  FROM (
    SELECT document_id AS id, vector_distance_l2(embedding, ?1) AS distance
    FROM document_vectors
    WHERE version_id = ?2 AND length(embedding) = ?3${among(5)}
    ORDER BY distance NULLS LAST
    LIMIT ?4
  ) AS nearest
  JOIN document_vectors ON document_vectors.document_id = nearest.id
  WHERE nearest.distance IS NOT NULL
  ORDER BY nearest.distance`;

const WITHIN_L2 = `
  SELECT document_id AS id, ${bytes('document_vectors.embedding')}, vector_distance_l2(embedding, ?1) AS distance
  FROM document_vectors
  WHERE version_id = ?2 AND length(embedding) = ?3${among(5)} AND vector_distance_l2(embedding, ?1) <= ?4`;

/** Statements by metric: the ?4 nearest vectors, and all within the distance ?4. */
export const scans: Readonly<Record<Metric, { readonly nearest: string; readonly within: string }>> = {
  cosine: { nearest: NEAREST_BY_COSINE, within: WITHIN_COSINE },
  l2: { nearest: NEAREST_BY_L2, within: WITHIN_L2 },
};

/** Vectors for which float32 arithmetic is inaccurate. ?1 the version, ?2 the bytes of a vector, ?3 the
 * ids as above. */
export const UNSCALED = `
  SELECT document_id AS id, ${bytes('document_vectors.embedding')}
  FROM document_vectors
  WHERE version_id = ?1 AND unscaled = 1 AND length(embedding) = ?2${among(3)}`;

/** A row if the version ?1 has a vector. */
export const ANY_OF_VERSION = `
  SELECT 1 AS found FROM document_vectors WHERE version_id = ?1 LIMIT 1`;

/** First vectors by chunk id. ?1 the version, ?2 the bytes of a vector, ?3 the limit, ?4 the ids as above. */
export const FIRST_BY_ID = `
  SELECT document_id AS id
  FROM document_vectors
  WHERE version_id = ?1 AND length(embedding) = ?2${among(4)}
  ORDER BY document_id
  LIMIT ?3`;
