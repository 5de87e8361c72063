import type { LibraryId, LibraryRef, PageId, PageRef, VersionId, VersionRef } from '@switchyard/storage-core';
import { normalizeLibraryRef, normalizePageRef, normalizeVersionRef } from '@switchyard/storage-core/backend';
import type { SqliteDriver, SqlValue } from '../driver.js';
import { toName } from '../rows/row-mapping.js';
import { text } from '../rows/text-columns.js';
import { RowNames } from './row-names.js';

// The expressions match the unique indexes on names. Old stores keep the unversioned version as NULL. The casts are for
// names with a NUL, which some drivers have to bind as blobs. Where an old store lost its unique indexes, applications
// find the row whose name is stored in lower case.

const FIND_LIBRARY = `
  SELECT id
  FROM libraries
  WHERE lower(name) = CAST(?1 AS TEXT)
  ORDER BY name = CAST(?1 AS TEXT) DESC, id
  LIMIT 1`;

/** Returns a query for the id of a version, given the parameters of its library's and its own name in lower case. */
function findVersion(library: string, version: string): string {
  return `
  SELECT versions.id
  FROM libraries
  JOIN versions ON versions.library_id = libraries.id
  WHERE lower(libraries.name) = CAST(${library} AS TEXT)
    AND (lower(versions.name) = CAST(${version} AS TEXT) OR (versions.name IS NULL AND ${version} = ''))
  ORDER BY
    libraries.name = CAST(${library} AS TEXT) DESC,
    versions.name = CAST(${version} AS TEXT) DESC,
    libraries.id,
    versions.id
  LIMIT 1`;
}

const FIND_VERSION = findVersion('?1', '?2');

const LIBRARY_NAMES = `
  SELECT libraries.id, ${text('libraries.name')} FROM libraries ORDER BY libraries.id`;

const VERSION_NAMES = `
  SELECT versions.id, ${text('versions.name')} FROM versions WHERE versions."library_id" = ?1 ORDER BY versions.id`;

const FIND_PAGE = `
  SELECT id FROM pages WHERE version_id = ?1 AND url = ?2`;

interface IdRow {
  readonly id: number;
}

interface NameRow extends IdRow {
  readonly name: SqlValue;
}

/** Returns the id of a library, or null. An id is returned unchanged and unchecked. */
export function findLibraryId(driver: SqliteDriver, ref: LibraryRef): LibraryId | null {
  const normal = normalizeLibraryRef(ref);
  if ('libraryId' in normal) return normal.libraryId;
  const { library } = normal;
  const found = driver.first<IdRow>(FIND_LIBRARY, [library])?.id;
  if (found !== undefined) return found;
  if (isAscii(library)) return null;
  const names = new RowNames(driver);
  return findAmong(driver.all<NameRow>(LIBRARY_NAMES), library, (row) => names.ofLibrary(row).name);
}

/** Returns the id of a version, or null. An id is returned unchanged and unchecked. */
export function findVersionId(driver: SqliteDriver, ref: VersionRef): VersionId | null {
  const normal = normalizeVersionRef(ref);
  if ('versionId' in normal) return normal.versionId;
  const { library, version } = normal;
  const found = driver.first<IdRow>(FIND_VERSION, [library, version])?.id;
  if (found !== undefined) return found;
  if (isAscii(library) && isAscii(version)) return null;
  const libraryId = findLibraryId(driver, { library });
  if (libraryId === null) return null;
  const names = new RowNames(driver);
  return findAmong(
    driver.all<NameRow>(VERSION_NAMES, [libraryId]),
    version,
    (row) => names.ofVersion({ ...row, libraryId, library }).name,
  );
}

/**
 * SQL expression for the id of the version that chunks must belong to; null if no version has the names, an id is not
 * looked up. Bind the values of {@link readInScope} as ?2 to ?4.
 */
export const SCOPE_ID = `coalesce(?2, (${findVersion('?3', '?4')}))`;

/**
 * Reads rows that are restricted to a version by {@link SCOPE_ID}. Reads them again by id if there are none but the catalog
 * knows the version: SQLite's lower() only changes ASCII.
 *
 * @throws TypeError for an invalid reference.
 */
export function readInScope<Row>(
  driver: SqliteDriver,
  ref: VersionRef,
  read: (scope: readonly [VersionId | null, string | null, string | null]) => Row[],
): Row[] {
  const normal = normalizeVersionRef(ref);
  if ('versionId' in normal) return read([normal.versionId, null, null]);
  const { library, version } = normal;
  const rows = read([null, library, version]);
  if (rows.length > 0 || (isAscii(library) && isAscii(version))) return rows;
  const versionId = findVersionId(driver, normal);
  return versionId === null ? rows : read([versionId, null, null]);
}

/** Returns the id of a page, or null. An id is returned unchanged and unchecked. */
export function findPageId(driver: SqliteDriver, ref: PageRef): PageId | null {
  const normal = normalizePageRef(ref);
  if ('pageId' in normal) return normal.pageId;
  const versionId = findVersionId(driver, normal.version);
  if (versionId === null) return null;
  const found = driver.first<IdRow>(FIND_PAGE, [versionId, normal.url])?.id;
  return found ?? new RowNames(driver).findPage(versionId, normal.url);
}

/** Compares names in JavaScript: SQLite's lower() only changes ASCII, and old stores contain other capitals. */
function findAmong(
  rows: readonly NameRow[],
  name: string,
  nameOf: (row: { readonly id: number; readonly name: string }) => string,
): number | null {
  return rows.find((row) => nameOf({ id: row.id, name: toName(row.name) }) === name)?.id ?? null;
}

function isAscii(text: string): boolean {
  return /^\p{ASCII}*$/u.test(text);
}
