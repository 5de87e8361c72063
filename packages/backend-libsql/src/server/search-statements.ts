import { VERSION_ID } from '../catalog/version-ref.js';

/**
 * Both lists of a hybrid search, which chunks only give structure, and the rows of the best: one statement, one request.
 *
 * Parameters, the same for all three:
 *
 * | | |
 * |---|---|
 * | ?1, ?2, ?3 | the version: its id, or null and the names of library and version |
 * | ?4 | the query's float32 bytes, scaled for the engine's float32 arithmetic |
 * | ?5 | the query's float32 bytes as given |
 * | ?6 | how many bytes a vector of the store has |
 * | ?7 | how many vectors are wanted, from 1 |
 * | ?8, ?9 | factor and summand: how far a float32 distance may be off (see `errorBound`) |
 * | ?10 | the FTS5 expression |
 * | ?11 | how many matches are wanted |
 * | ?12 to ?15 | the weights of content, title, url and path |
 * | ?16 | 1 to leave structural chunks out of the matches |
 * | ?17 | 1 when a list that lacks a chunk adds nothing to its score (`reciprocal-rank`) |
 * | ?18, ?19 | the weights of the lists in the fusion |
 * | ?20 | of how many of the best the rows are wanted |
 *
 * Columns: `part` (0: what the store says of itself as JSON in `row`; 1: a chunk), `id`, `distance` (null when it is not
 * in the list by vector), `score` (null when it is not in the list by words), `structural`, `row` (a JSON array, of the
 * best only), `embedding`.
 *
 * The engine's float32 distances only choose the candidates: every vector whose distance is not provably larger than
 * the last one wanted. Their distances are computed again in float64, which the engine rounds. Where several are too
 * close to tell their order from that, and their vectors differ, the bytes are sent along, and the client decides.
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
    by_words AS MATERIALIZED (
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
      SELECT ids.id, by_vector.distance, by_vector.embedding, by_words.score, documents.structural
      FROM (SELECT id FROM by_vector UNION SELECT id FROM by_words) AS ids
      LEFT JOIN by_vector ON by_vector.id = ids.id
      LEFT JOIN by_words ON by_words.id = ids.id
      LEFT JOIN documents ON documents.id = ids.id
    ),
    ranked AS MATERIALIZED (
      SELECT
        id,
        ?17 AND distance IS NULL AS lacks_vector,
        ?17 AND score IS NULL AS lacks_words,
        row_number() OVER (
          PARTITION BY ?17 AND distance IS NULL
          ORDER BY coalesce(1.0 / (1.0 + distance), 0) DESC, id
        ) AS vector_rank,
        row_number() OVER (
          PARTITION BY ?17 AND score IS NULL
          ORDER BY coalesce(score, 0) DESC, id
        ) AS words_rank
      FROM candidates
      WHERE structural IS NOT 1
    ),
    best AS MATERIALIZED (
      SELECT id
      FROM ranked
      ORDER BY
        CASE WHEN lacks_vector THEN 0 ELSE 1.0 * ?18 / (60 + vector_rank) END
          + CASE WHEN lacks_words THEN 0 ELSE 1.0 * ?19 / (60 + words_rank) END DESC,
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
          -- Texts with a NUL stand as blobs, which JSON cannot hold: the caller fetches such a row by itself.
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

/** From the ids in `near` and their float64 distance: the list, with the bytes of vectors that are too close. */
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

/** Vectors of usual length by the engine's cosine; the others are few and all of them candidates. */
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
  // JSON, in which the server answers, has no infinity.
  'nullif(vector_distance_l2(vector64(document_vectors.embedding), vector64(?5)), 9e999)',
);

/** For a query without length, from which everything has the cosine distance 1: the first by id. */
const FIRST_BY_ID = `
    by_vector AS MATERIALIZED (
      SELECT document_id AS id, 1.0 AS distance, NULL AS embedding
      FROM document_vectors
      WHERE version_id = (SELECT id FROM asked) AND length(embedding) = ?6
      ORDER BY document_id
      LIMIT ?7
    )`;

/** For a store without vectors, and for searches by words only. */
const NONE = `
    by_vector AS MATERIALIZED (
      SELECT NULL AS id, NULL AS distance, NULL AS embedding WHERE 0
    )`;

/** By the way the list by vector comes about. */
export const searchStatements = {
  cosine: searchStatement(BY_COSINE),
  l2: searchStatement(BY_L2),
  firstById: searchStatement(FIRST_BY_ID),
  none: searchStatement(NONE),
} as const;
