import type { ContextOptions } from '@switchyard/storage-core';

/** Roles of a chunk among the relatives of another, or of itself. */
export const ROLES = {
  self: 0,
  parent: 1,
  children: 2,
  precedingSiblings: 3,
  subsequentSiblings: 4,
} as const;

/**
 * Expression for the heading path of a chunk, as a JSON array in one spelling, so that equal paths are equal texts. Metadata
 * that is not JSON, or whose path is not a list of texts, has an empty path, as `parseMetadata` reads it.
 */
const PATH = `CASE
        WHEN NOT coalesce(json_valid(documents.metadata), 0) THEN '[]'
        WHEN json_type(documents.metadata, '$.path') IS NOT 'array' THEN '[]'
        ELSE (
          SELECT CASE WHEN min(heading.type = 'text') THEN json_group_array(heading.value) ELSE '[]' END
          FROM json_each(documents.metadata, '$.path') AS heading
        )
      END`;

/**
 * Returns common table expressions that select the relatives of chunks by the rules of `selectRelatives`. The last one is
 * `relatives`: `id`, each chunk once, and `roles`, a JSON array of pairs: an id of `wanted`, and a number of {@link ROLES}.
 *
 * @param wanted A query for `id` and `page_id` of the chunks.
 * @param first Number of the first of four parameters: see {@link relativeLimits}.
 */
export function selectRelativesOf(wanted: string, first: number): string {
  // Every reference to a common table expression adds its whole definition to what the engine has to plan, and in a search
  // that of `wanted` is large: it is referenced once, and `outline` twice.
  return `wanted AS (
      ${wanted}
    ),
    paths AS MATERIALIZED (
      SELECT
        documents.id,
        documents.page_id,
        documents.sort_order,
        instr(asked.ids, ',' || documents.id || ',') > 0 AS is_wanted,
        ${PATH} AS path
      FROM (
        SELECT page_id, ',' || group_concat(id) || ',' AS ids
        FROM wanted
        GROUP BY page_id
      ) AS asked
      CROSS JOIN documents ON documents.page_id = asked.page_id
    ),
    -- The stem of a path is its JSON without the closing bracket, which begins that of every longer path below it.
    outline AS MATERIALIZED (
      SELECT
        id,
        page_id,
        is_wanted,
        row_number() OVER (PARTITION BY page_id ORDER BY sort_order, id) AS place,
        path,
        json_array_length(path) AS depth,
        substr(path, 1, length(path) - 1) AS stem
      FROM paths
    ),
    related AS (
      SELECT
        self.id AS chunk_id,
        other.id,
        abs(other.place - self.place) AS gap,
        CASE
          WHEN other.place = self.place THEN ${ROLES.self}
          WHEN other.path = self.path THEN CASE
            WHEN other.place < self.place THEN ${ROLES.precedingSiblings}
            ELSE ${ROLES.subsequentSiblings}
          END
          WHEN other.place < self.place THEN CASE
            WHEN self.depth >= 2
              AND other.depth = self.depth - 1
              AND substr(self.path, 1, length(other.stem)) = other.stem THEN ${ROLES.parent}
          END
          WHEN other.depth = self.depth + 1 AND substr(other.path, 1, length(self.stem)) = self.stem
            THEN ${ROLES.children}
        END AS role
      FROM outline AS self
      JOIN outline AS other ON other.page_id = self.page_id
      WHERE self.is_wanted
    ),
    ordered AS (
      SELECT chunk_id, id, role, row_number() OVER (PARTITION BY chunk_id, role ORDER BY gap) AS nearness
      FROM related
      WHERE role IS NOT NULL
    ),
    relatives AS MATERIALIZED (
      SELECT id, json_group_array(json_array(chunk_id, role)) AS roles
      FROM ordered
      WHERE nearness <= CASE role
        WHEN ${ROLES.self} THEN 1
        WHEN ${ROLES.parent} THEN ?${first}
        WHEN ${ROLES.children} THEN ?${first + 1}
        WHEN ${ROLES.precedingSiblings} THEN ?${first + 2}
        ELSE ?${first + 3}
      END
      GROUP BY id
    )`;
}

/** Values of the four parameters of {@link selectRelativesOf}. */
export function relativeLimits({
  parent = false,
  children = 0,
  precedingSiblings = 0,
  subsequentSiblings = 0,
}: ContextOptions): readonly number[] {
  return [parent ? 1 : 0, children, precedingSiblings, subsequentSiblings];
}
