import type { ChunkId, VersionId } from '@switchyard/storage-core';
import type { NormalFilter } from '@switchyard/storage-core/backend';
import type { SqliteDriver, SqlValue } from '../driver.js';
import { textOf } from '../rows/text-columns.js';

/**
 * Returns the SQL condition for chunks (`documents`, `pages`) that pass a filter whose {@link filterValues} are bound from
 * parameter `first` on. Prefixes are compared byte by byte, since LIKE ignores case and has wildcards, and texts with a
 * NUL may be stored as blobs. The CASE keeps damaged metadata, which has no types and no path, from failing the statement.
 */
export function filterCondition(first: number): string {
  const [types, path, url] = [`?${first}`, `?${first + 1}`, `?${first + 2}`];
  return `(
      ${types} IS NULL
      OR CASE
        WHEN json_valid(documents.metadata) THEN EXISTS (
          SELECT 1
          FROM json_each(documents.metadata, '$.types') AS type
          WHERE typeof(type.key) = 'integer' AND type.value IN (SELECT value FROM json_each(${types}))
        )
      END
    )
    AND (
      ${path} IS NULL
      OR CASE
        WHEN json_valid(documents.metadata) THEN NOT EXISTS (
          SELECT 1
          FROM json_each(${path}) AS heading
          WHERE json_extract(documents.metadata, '$.path[' || heading.key || ']') IS NOT heading.value
        )
      END
    )
    AND (
      ${url} IS NULL
      OR substr(CAST(pages.url AS BLOB), 1, length(CAST(${url} AS BLOB))) = CAST(${url} AS BLOB)
    )`;
}

/** Returns the values to bind for a {@link filterCondition}. */
export function filterValues({ types, pathPrefix, urlPrefix }: NormalFilter): readonly SqlValue[] {
  return [
    types === null ? null : JSON.stringify(types),
    pathPrefix === null ? null : JSON.stringify(pathPrefix),
    urlPrefix,
  ];
}

/**
 * Chunks of the version ?1 that pass a filter, concatenated, since a row per chunk costs more. Pages come first: a chunk
 * whose page does not pass is not read.
 */
const PASSING_CHUNKS = `
  SELECT ${textOf('group_concat(documents.id)', 'ids', 'documents.id')}
  FROM pages
  CROSS JOIN documents ON documents.page_id = pages.id
  WHERE pages.version_id = ?1
    AND ${filterCondition(2)}`;

/** Returns the chunks of a version that pass a filter. */
export function readPassingChunks(
  driver: SqliteDriver,
  versionId: VersionId,
  filter: NormalFilter,
): ReadonlySet<ChunkId> {
  const row = driver.first<{ ids: string | null }>(PASSING_CHUNKS, [versionId, ...filterValues(filter)]);
  return new Set(row?.ids == null ? [] : row.ids.split(',').map(Number));
}

/** Returns chunk ids as a JSON array, to be bound; null if every chunk passes. */
export function idsValue(ids: ReadonlySet<ChunkId> | null): string | null {
  return ids === null ? null : `[${[...ids].join(',')}]`;
}
