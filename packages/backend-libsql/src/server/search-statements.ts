import { VERSION_ID } from '../catalog/version-ref.js';

/**
 * Both lists of a hybrid search, their structural chunks, and the rows of the best hits: one statement, one request.
 *
 * Parameters, the same for all variants:
 *
 * | | |
 * |---|---|
 * | ?1, ?2, ?3 | the version: see `VERSION_ID` |
 * | ?4 | the float32 bytes of the query, scaled for the engine's float32 arithmetic |
 * | ?5 | the float32 bytes of the query as given |
 * | ?6 | the bytes of a vector of the store |
 * | ?7 | the maximum number of vectors, from 1 |
 * | ?8, ?9 | factor and summand of `float32Bound` |
 * | ?10 | the FTS5 expression |
 * | ?11 | the maximum number of matches |
 * | ?12 to ?15 | the weights of content, title, url and path |
 * | ?16 | 1 to exclude structural chunks from the matches |
 * | ?17 | 1 if a list that lacks a chunk adds nothing to its score (`reciprocal-rank`) |
 * | ?18, ?19 | the weights of the lists in the fusion |
 * | ?20 | the maximum number of rows |
 *
 * Columns: `part` (0: the metadata of the store as JSON in `record`; 1: a chunk), `id`, `distance` (null outside of the
 * vector list), `score` (null outside of the full-text list), `structural`, `record` (a JSON array, of the best hits only),
 * `embedding`.
 *
 * The engine's float32 distances only select candidates: every vector whose distance is not provably larger than that of
 * the last hit. Their distances are computed again in float64, which the engine rounds. If several are too close to tell
 * their order from that, and their vectors differ, their bytes are returned too, and the client decides.
 *
 * The fusion here only selects the rows to return. The client fuses the lists, after it has measured close vectors.
 */
function searchStatement(vectors: string): string {
  return `
  WITH
    asked AS MATERIALIZED (SELECT ${VERSION_ID} AS id),
    ${vectors},
    span AS MATERIALIZED (
      SELECT
        (SELECT min(id) FROM documents WHERE version_id = (SELECT id FROM asked)) AS low,
        (SELECT max(id) FROM documents WHERE version_id = (SELECT id FROM asked)) AS high
    ),
    by_fts AS MATERIALIZED (
      SELECT rowid AS id, -bm25(documents_fts, ?12, ?13, ?14, ?15) AS score
      FROM documents_fts
      WHERE documents_fts MATCH ?10
        AND rowid BETWEEN (SELECT low FROM span) AND (SELECT high FROM span)
        AND EXISTS (
          SELECT 1
          FROM documents INDEXED BY documents_by_version
          WHERE documents.version_id = (SELECT id FROM asked) AND documents.id = documents_fts.rowid
        )
        AND NOT (
          ?16 AND EXISTS (
            SELECT 1
            FROM documents INDEXED BY documents_structural
            WHERE documents.version_id = (SELECT id FROM asked)
              AND documents.structural = 1
              AND documents.id = documents_fts.rowid
          )
        )
      ORDER BY score DESC, id
      LIMIT ?11
    ),
    candidates AS MATERIALIZED (
      SELECT ids.id, by_vector.distance, by_vector.embedding, by_fts.score, documents.structural
      FROM (SELECT id FROM by_vector UNION SELECT id FROM by_fts) AS ids
      LEFT JOIN by_vector ON by_vector.id = ids.id
      LEFT JOIN by_fts ON by_fts.id = ids.id
      LEFT JOIN documents ON documents.id = ids.id
    ),
    ranked AS MATERIALIZED (
      SELECT
        id,
        ?17 AND distance IS NULL AS lacks_vector,
        ?17 AND score IS NULL AS lacks_fts,
        row_number() OVER (
          PARTITION BY ?17 AND distance IS NULL
          ORDER BY coalesce(1.0 / (1.0 + distance), 0) DESC, id
        ) AS vector_rank,
        row_number() OVER (
          PARTITION BY ?17 AND score IS NULL
          ORDER BY coalesce(score, 0) DESC, id
        ) AS fts_rank
      FROM candidates
      WHERE structural IS NOT 1
    ),
    best AS MATERIALIZED (
      SELECT id
      FROM ranked
      ORDER BY
        CASE WHEN lacks_vector THEN 0 ELSE 1.0 * ?18 / (60 + vector_rank) END
          + CASE WHEN lacks_fts THEN 0 ELSE 1.0 * ?19 / (60 + fts_rank) END DESC,
        id
      LIMIT ?20
    )
  SELECT
    0 AS part,
    (SELECT id FROM asked) AS id,
    NULL AS distance,
    NULL AS score,
    NULL AS structural,
    (SELECT CAST(json_group_object(switchyard_meta.key, switchyard_meta.value) AS BLOB) FROM switchyard_meta) AS record,
    NULL AS embedding
  UNION ALL
  SELECT
    1,
    candidates.id,
    candidates.distance,
    candidates.score,
    CAST(candidates.structural AS INTEGER),
    CASE
      WHEN candidates.id IN (SELECT id FROM best) THEN (
        SELECT
          -- Texts with a NUL are stored as blobs, which JSON cannot contain: the caller fetches such a row by itself.
          CASE
            WHEN 'blob' NOT IN (
              typeof(pages.url), typeof(pages.title), typeof(pages.content_type), typeof(pages.source_content_type),
              typeof(documents.content), typeof(documents.metadata), typeof(documents.created_at)
            ) THEN CAST(
              json_array(
                documents.id, documents.page_id, pages.version_id, pages.url, pages.title, pages.content_type,
                pages.source_content_type, documents.content, documents.metadata, documents.sort_order,
                documents.created_at
              ) AS BLOB
            )
          END
        FROM documents
        JOIN pages ON pages.id = documents.page_id
        WHERE documents.id = candidates.id
      )
    END,
    CAST(candidates.embedding AS BLOB)
  FROM candidates`;
}

/**
 * The engine computes distances of `vector64` in float64 and rounds the result to float32. Rounded ones that are closer
 * than three such roundings may stand in the wrong order.
 */
const CLOSE = '3e-7 * distance + 1e-14';

/** Returns the vector list from the ids in `near` and an expression for their float64 distance. */
function listFrom(near: string, exact: string): string {
  return `
    ${near},
    rescored AS MATERIALIZED (
      SELECT near.id, document_vectors.embedding, ${exact} AS distance
      FROM near
      CROSS JOIN document_vectors ON document_vectors.document_id = near.id
    ),
    spaced AS MATERIALIZED (
      SELECT
        id,
        distance,
        embedding,
        row_number() OVER in_order AS place,
        distance - lag(distance) OVER in_order <= ${CLOSE} AS is_close
      FROM rescored
      WINDOW in_order AS (ORDER BY distance NULLS LAST, id)
    ),
    clustered AS MATERIALIZED (
      SELECT
        id,
        distance,
        embedding,
        sum(coalesce(is_close, 0) = 0) OVER (ORDER BY place ROWS UNBOUNDED PRECEDING) AS cluster
      FROM spaced
      WHERE distance IS NULL
        OR distance <= coalesce((SELECT distance + 2 * (${CLOSE}) FROM spaced WHERE place = ?7), 9e999)
    ),
    by_vector AS MATERIALIZED (
      SELECT
        id,
        distance,
        CASE
          WHEN distance IS NULL
            OR min(embedding) OVER (PARTITION BY cluster) <> max(embedding) OVER (PARTITION BY cluster)
            THEN embedding
        END AS embedding
      FROM clustered
    )`;
}

/** Cosine: vectors of usual length by the engine; the others are few, and all are candidates. */
const BY_COSINE = listFrom(
  `scan AS MATERIALIZED (
      SELECT document_id AS id, vector_distance_cos(embedding, ?4) AS distance
      FROM document_vectors
      WHERE version_id = (SELECT id FROM asked) AND unscaled = 0 AND length(embedding) = ?6
    ),
    near AS MATERIALIZED (
      SELECT id
      FROM scan
      WHERE distance <= coalesce(
        (SELECT distance * ?8 + ?9 FROM scan WHERE distance IS NOT NULL ORDER BY distance LIMIT 1 OFFSET ?7 - 1),
        9e999
      )
      UNION ALL
      SELECT document_id
      FROM document_vectors
      WHERE version_id = (SELECT id FROM asked) AND unscaled = 1 AND length(embedding) = ?6
    )`,
  `coalesce(
        vector_distance_cos(vector64(document_vectors.embedding), vector64(?5)),
        CASE WHEN document_vectors.embedding = zeroblob(?6) THEN 1.0 END
      )`,
);

const BY_L2 = listFrom(
  `scan AS MATERIALIZED (
      SELECT document_id AS id, vector_distance_l2(embedding, ?4) AS distance
      FROM document_vectors
      WHERE version_id = (SELECT id FROM asked) AND length(embedding) = ?6
    ),
    near AS MATERIALIZED (
      SELECT id
      FROM scan
      WHERE distance <= coalesce(
        (SELECT distance * ?8 + ?9 FROM scan WHERE distance IS NOT NULL ORDER BY distance LIMIT 1 OFFSET ?7 - 1),
        9e999
      )
    )`,
  // The server answers in JSON, which has no infinity.
  'nullif(vector_distance_l2(vector64(document_vectors.embedding), vector64(?5)), 9e999)',
);

/** Cosine, for a query of length 0, which has a distance of 1 from every vector: the first by id. */
const FIRST_BY_ID = `
    by_vector AS MATERIALIZED (
      SELECT document_id AS id, 1.0 AS distance, NULL AS embedding
      FROM document_vectors
      WHERE version_id = (SELECT id FROM asked) AND length(embedding) = ?6
      ORDER BY document_id
      LIMIT ?7
    )`;

/** No vectors, for full-text searches and for stores without a profile. */
const NONE = `
    by_vector AS MATERIALIZED (
      SELECT NULL AS id, NULL AS distance, NULL AS embedding WHERE 0
    )`;

/** Search statements by the source of the vector list. */
export const searchStatements = {
  cosine: searchStatement(BY_COSINE),
  l2: searchStatement(BY_L2),
  firstById: searchStatement(FIRST_BY_ID),
  none: searchStatement(NONE),
} as const;
