import { integer, textOf } from '@switchyard/sqlite-common';
import { VERSION_ID } from '../catalog/version-ref.js';

/**
 * Statements of {@link deleteAtOnce}: those that find what is to be deleted, and the script that deletes it. The script is
 * one request and takes no parameters, so it contains numbers only.
 */

/** Columns about the chunks of a table expression `gone`, and the dimension of the store. */
function foundColumns(ids: string, chunkScope: string): string {
  return `
    ${textOf('(SELECT json_group_array(id) FROM gone)', 'ids', ids as `${string}.${string}`)},
    ${integer(`(SELECT count(*) FROM documents WHERE ${chunkScope})`, 'chunks')},
    ${integer("(SELECT value FROM switchyard_meta WHERE key = 'embedding_dimension')", 'dimension')}`;
}

function findVersions(where: string, library: string): string {
  return `
  WITH gone AS MATERIALIZED (SELECT id FROM versions WHERE ${where})
  SELECT
    ${foundColumns('versions.id', 'version_id IN (SELECT id FROM gone)')},
    ${integer('(SELECT count(*) FROM pages WHERE version_id IN (SELECT id FROM gone))', 'pages')},
    ${integer(library, 'library')},
    ${integer(`(SELECT count(*) FROM versions WHERE library_id = ${library} AND id NOT IN (SELECT id FROM gone))`, 'others')},
    ${integer('(SELECT count(*) FROM libraries)', 'libraries')}`;
}

/** ?1 to ?3 the version: see `VERSION_ID`. */
export const FIND_VERSION = findVersions(
  `id = ${VERSION_ID}`,
  '(SELECT max(versions.library_id) FROM gone JOIN versions ON versions.id = gone.id)',
);

const LIBRARY_ID = `(SELECT max(id) FROM libraries WHERE id = ?1 OR (?1 IS NULL AND lower(name) = CAST(?2 AS TEXT)))`;

/** ?1 the id of the library, or NULL; ?2 its name in lower case, or NULL. */
export const FIND_LIBRARY = findVersions(`library_id = ${LIBRARY_ID}`, LIBRARY_ID);

/** Everything in the store. */
export const FIND_ALL = findVersions('TRUE', 'NULL');

function findPages(where: string): string {
  return `
  WITH gone AS MATERIALIZED (SELECT id FROM pages WHERE ${where})
  SELECT ${foundColumns('pages.id', 'page_id IN (SELECT id FROM gone)')}`;
}

/** ?1 the page. */
export const FIND_PAGE = findPages('id = ?1');

/** Seconds since the epoch at which a page was last written. */
const WRITTEN_AT = `CAST(strftime('%s', updated_at) AS INTEGER)`;

/** ?1 to ?3 the version, ?4 the beginning of the URL or NULL, ?5 seconds since the epoch or NULL. */
export const FIND_MATCHING_PAGES = findPages(`
      version_id = ${VERSION_ID}
      AND (?4 IS NULL OR substr(CAST(url AS BLOB), 1, length(CAST(?4 AS BLOB))) = CAST(?4 AS BLOB))
      AND (?5 IS NULL OR ${WRITTEN_AT} < ?5)`);

/** Rows to delete, by the ids that were found. */
export interface Deletion {
  readonly versionIds?: readonly number[] | undefined;
  readonly pageIds?: readonly number[] | undefined;
  /** Null for a store without a vector table. */
  readonly dimension: number | null;
  /** Conditions that must still hold; otherwise nothing is deleted. */
  readonly unchanged: readonly string[];
  /** Statements after the pages were deleted. */
  readonly after: readonly string[];
}

/** Message of the server if a condition does not hold any more: see {@link deletionScript}. */
export const CHANGED = /integer overflow/i;

/** Fails on purpose, since only triggers can raise errors. */
const FAIL = 'abs(-9223372036854775808)';

/** Returns the script, one transaction. It deletes as mutations/pages.ts of sqlite-common does statement by statement. */
export function deletionScript({ versionIds, pageIds, dimension, unchanged, after }: Deletion): string {
  const pages =
    pageIds === undefined ? `version_id IN (${numbers(versionIds ?? [])})` : `id IN (${numbers(pageIds)})`;
  const chunks =
    pageIds === undefined
      ? `version_id IN (${numbers(versionIds ?? [])})`
      : `page_id IN (${numbers(pageIds)})`;
  const vectors =
    pageIds === undefined ? chunks : `document_id IN (SELECT id FROM documents WHERE ${chunks})`;
  const sameDimension = `ifnull((SELECT CAST(value AS INTEGER) FROM switchyard_meta WHERE key = 'embedding_dimension'), 0) = ${dimension ?? 0}`;
  return [
    'BEGIN IMMEDIATE',
    `SELECT CASE WHEN ${[...unchanged, sameDimension].join(' AND ')} THEN 0 ELSE ${FAIL} END`,
    `INSERT INTO documents_fts (documents_fts, rowid, content, title, url, path)
      SELECT 'delete', id, content, title, url, path FROM documents_text WHERE ${chunks}`,
    ...(dimension === null
      ? []
      : [
          `INSERT INTO vector_generations (version_id, generation)
            SELECT DISTINCT version_id, 1 FROM document_vectors WHERE ${vectors}
            ON CONFLICT (version_id) DO UPDATE SET generation = generation + 1`,
          `DELETE FROM document_vectors WHERE ${vectors}`,
        ]),
    `DELETE FROM documents WHERE ${chunks}`,
    `DELETE FROM pages WHERE ${pages}`,
    ...after,
    'COMMIT',
  ].join(';\n');
}

/** Condition that the pages which were found are still older than the filter allows. */
export function stillOlder(pageIds: readonly number[], seconds: number): string {
  return `NOT EXISTS (SELECT 1 FROM pages WHERE id IN (${numbers(pageIds)}) AND ifnull(${WRITTEN_AT}, ${seconds}) >= ${seconds})`;
}

/** Returns numbers for a script. @throws TypeError for anything else, which must never become SQL. */
export function numbers(values: readonly number[]): string {
  for (const value of values) {
    if (!Number.isSafeInteger(value)) throw new TypeError(`${String(value)} is not an id.`);
  }
  return values.join(', ');
}
