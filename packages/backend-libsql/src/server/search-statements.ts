import { filterCondition, selectRelativesOf } from '@switchyard/sqlite-common';
import { VERSION_ID } from '../catalog/version-ref.js';

/** Variant of a statement. Those of one version and without a filter are the usual ones, and the fastest. */
export interface Variant {
  readonly isMany: boolean;
  readonly isFiltered: boolean;
  /** True to return the best hits with their relatives. */
  readonly hasContext: boolean;
}

/** SQL for the chunks that a vector list may contain. */
interface Scope {
  /** Operator and operand after a version id. */
  readonly isAsked: string;
  /** Condition that a chunk id passes the filter, to be appended to others; empty without a filter. */
  passes(id: string): string;
}

/** Numbers of the first parameter of the filter, and of the context without and with one. */
const FILTER = 21;
const CONTEXT = 21;
const CONTEXT_AFTER_FILTER = 24;

const ONE_VERSION = `SELECT 0 AS position, ${VERSION_ID} AS id`;

const MANY_VERSIONS = `
      SELECT
        wanted.key AS position,
        coalesce(
          wanted.value ->> 0,
          (
            SELECT versions.id
            FROM libraries
            JOIN versions ON versions.library_id = libraries.id
            WHERE lower(libraries.name) = wanted.value ->> 1 AND lower(versions.name) = wanted.value ->> 2
          )
        ) AS id
      FROM json_each(?1) AS wanted`;

function passingChunks(isAsked: string): string {
  return `passing AS MATERIALIZED (
      SELECT documents.id
      FROM pages
      CROSS JOIN documents ON documents.page_id = pages.id
      WHERE pages.version_id ${isAsked}
        AND ${filterCondition(FILTER)}
    )`;
}

/** A chunk as a JSON array. Texts with a NUL are blobs, which JSON cannot contain: the caller fetches such a row by itself. */
const RECORD = `CASE
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
        END`;

const RECORD_OF_BEST = `CASE
      WHEN candidates.id IN (SELECT id FROM best) THEN (
        SELECT ${RECORD}
        FROM documents
        JOIN pages ON pages.id = documents.page_id
        WHERE documents.id = candidates.id
      )
    END`;

function relativesOfBest(isFiltered: boolean): string {
  return selectRelativesOf(
    'SELECT documents.id, documents.page_id FROM best JOIN documents ON documents.id = best.id',
    isFiltered ? CONTEXT_AFTER_FILTER : CONTEXT,
  );
}

const RELATIVES = `
  UNION ALL
  SELECT 3, relatives.id, NULL, NULL, NULL, ${RECORD}, CAST(relatives.roles AS BLOB)
  FROM relatives
  JOIN documents ON documents.id = relatives.id
  JOIN pages ON pages.id = documents.page_id`;

/**
 * Both lists of a hybrid search, their structural chunks, and the rows of the best hits: one statement, one request.
 *
 * Parameters, the same for all variants:
 *
 * | | |
 * |---|---|
 * | ?1, ?2, ?3 | the version: see `VERSION_ID`; of several versions, ?1 is a JSON array of these three values for each |
 * | ?4 | the float32 bytes of the query, scaled for the engine's float32 arithmetic; the nearest vectors if the client found them |
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
 * | ?21, ?22, ?23 | the filter: see `filterValues`; only with a filter |
 * | the last four | the limits of the relatives: see `relativeLimits`; only with a context |
 *
 * Columns: `part` (0: the metadata of the store as JSON in `record`; 1: a chunk; 2: the id of a version, with its position
 * in `structural`, the generation of its vectors in `distance` and the number of scanned ones in `score`; 3: one of the best hits or of their relatives, with its roles in `embedding`), `id`, `distance` (null
 * outside of the vector list), `score` (null outside of the full-text list), `structural`, `record` (a JSON array, of the
 * best hits only; with a context, in part 3 only), `embedding`.
 *
 * The engine's float32 distances only select candidates: every vector whose distance is not provably larger than that of
 * the last hit. Their distances are computed again in float64, which the engine rounds. If several are too close to tell
 * their order from that, and their vectors differ, their bytes are returned too, and the client decides.
 *
 * The fusion here only selects the rows to return. The client fuses the lists, after it has measured close vectors.
 */
function searchStatement(
  { sql: vectors, state }: Source,
  { isMany, isFiltered, hasContext }: Variant,
): string {
  const isAsked = isMany ? 'IN (SELECT id FROM asked)' : '= (SELECT id FROM asked)';
  const scope: Scope = {
    isAsked,
    passes: (id) => (isFiltered ? ` AND ${id} IN (SELECT id FROM passing)` : ''),
  };
  return `
  WITH
    asked AS MATERIALIZED (${isMany ? MANY_VERSIONS : ONE_VERSION}),
    ${isFiltered ? `${passingChunks(isAsked)},` : ''}
    ${vectors(scope)},
    span AS MATERIALIZED (
      SELECT
        (SELECT min(id) FROM documents WHERE version_id ${isAsked}) AS low,
        (SELECT max(id) FROM documents WHERE version_id ${isAsked}) AS high
    ),
    by_fts AS MATERIALIZED (
      SELECT rowid AS id, -bm25(documents_fts, ?12, ?13, ?14, ?15) AS score
      FROM documents_fts
      WHERE documents_fts MATCH ?10
        AND rowid BETWEEN (SELECT low FROM span) AND (SELECT high FROM span)${scope.passes('+documents_fts.rowid')}
        AND EXISTS (
          SELECT 1
          FROM documents INDEXED BY documents_by_version
          WHERE documents.version_id ${isAsked} AND documents.id = documents_fts.rowid
        )
        AND NOT (
          ?16 AND EXISTS (
            SELECT 1
            FROM documents INDEXED BY documents_structural
            WHERE documents.version_id ${isAsked}
              AND documents.structural = 1
              AND documents.id = documents_fts.rowid
          )
        )
      ORDER BY score DESC, id
      LIMIT ?11
    ),
    -- Each list is referenced once: a reference adds its whole definition to what the engine has to plan.
    candidates AS MATERIALIZED (
      SELECT found.id, found.distance, found.embedding, found.score, documents.structural
      FROM (
        SELECT id, max(distance) AS distance, max(embedding) AS embedding, max(score) AS score
        FROM (
          SELECT id, distance, embedding, NULL AS score FROM by_vector
          UNION ALL
          SELECT id, NULL, NULL, score FROM by_fts
        )
        GROUP BY id
      ) AS found
      LEFT JOIN documents ON documents.id = found.id
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
    )${hasContext ? `,\n    ${relativesOfBest(isFiltered)}` : ''}
  SELECT
    0 AS part,
    NULL AS id,
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
    ${hasContext ? 'NULL' : RECORD_OF_BEST},
    CAST(candidates.embedding AS BLOB)
  FROM candidates
  UNION ALL
  SELECT 2, id, ${state}, position, NULL, NULL FROM asked${hasContext ? RELATIVES : ''}`;
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
const byCosine = ({ isAsked, passes }: Scope) =>
  listFrom(
    `scan AS MATERIALIZED (
      SELECT document_id AS id, vector_distance_cos(embedding, ?4) AS distance
      FROM document_vectors
      WHERE version_id ${isAsked} AND unscaled = 0 AND length(embedding) = ?6${passes('document_id')}
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
      WHERE version_id ${isAsked} AND unscaled = 1 AND length(embedding) = ?6${passes('document_id')}
    )`,
    `coalesce(
        vector_distance_cos(vector64(document_vectors.embedding), vector64(?5)),
        CASE WHEN document_vectors.embedding = zeroblob(?6) THEN 1.0 END
      )`,
  );

const byL2 = ({ isAsked, passes }: Scope) =>
  listFrom(
    `scan AS MATERIALIZED (
      SELECT document_id AS id, vector_distance_l2(embedding, ?4) AS distance
      FROM document_vectors
      WHERE version_id ${isAsked} AND length(embedding) = ?6${passes('document_id')}
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
const firstById = ({ isAsked, passes }: Scope) => `
    by_vector AS MATERIALIZED (
      SELECT document_id AS id, 1.0 AS distance, NULL AS embedding
      FROM document_vectors
      WHERE version_id ${isAsked} AND length(embedding) = ?6${passes('document_id')}
      ORDER BY document_id
      LIMIT ?7
    )`;

/** No vectors, for full-text searches and for stores without a profile. */
const none = () => `
    by_vector AS MATERIALIZED (
      SELECT NULL AS id, NULL AS distance, NULL AS embedding WHERE 0
    )`;

/** The nearest vectors as the client found them: ?4 is a JSON array of ids with their distances. */
const held = () => `
    by_vector AS MATERIALIZED (
      SELECT value ->> 0 AS id, value ->> 1 AS distance, NULL AS embedding
      FROM json_each(?4)
    )`;

/** A vector list, and the columns `distance` and `score` of part 2. */
interface Source {
  readonly sql: (scope: Scope) => string;
  readonly state: string;
}

const GENERATION = `(
    SELECT vector_generations.generation
    FROM vector_generations
    WHERE vector_generations.version_id = asked.id
  )`;
const SCANNED = `${GENERATION}, (SELECT count(*) FROM scan)`;
const UNKNOWN = 'NULL, NULL';

const vectorLists = {
  cosine: { sql: byCosine, state: SCANNED },
  l2: { sql: byL2, state: SCANNED },
  held: { sql: held, state: `${GENERATION}, NULL` },
  firstById: { sql: firstById, state: UNKNOWN },
  none: { sql: none, state: UNKNOWN },
} as const;

/** Source of the vector list of a statement. */
export type VectorList = keyof typeof vectorLists;

const statements = new Map<string, string>();

/** Returns a search statement; the same text each time, since servers and drivers keep statements by their text. */
export function searchStatementFor(list: VectorList, variant: Variant): string {
  const key = JSON.stringify([list, variant.isMany, variant.isFiltered, variant.hasContext]);
  const statement = statements.get(key) ?? searchStatement(vectorLists[list], variant);
  statements.set(key, statement);
  return statement;
}

/** Finds out if one of the versions ?1, as above, has a vector. Returns the metadata of the store, too. */
export const ANY_OF_VERSIONS = `
  WITH asked AS MATERIALIZED (${MANY_VERSIONS})
  SELECT
    EXISTS (SELECT 1 FROM document_vectors WHERE version_id IN (SELECT id FROM asked)) AS found,
    (SELECT CAST(json_group_object(switchyard_meta.key, switchyard_meta.value) AS BLOB) FROM switchyard_meta) AS record`;
