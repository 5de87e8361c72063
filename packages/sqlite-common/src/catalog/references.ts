import {
  type LibraryId,
  type LibraryRef,
  normaliseLibraryRef,
  normalisePageRef,
  normaliseVersionRef,
  type PageId,
  type PageRef,
  type VersionId,
  type VersionRef,
} from '@switchyard/storage-core';
import type { SqliteDriver } from '../driver.js';

// The expressions are those of the unique indexes on names. The unversioned version stands as NULL in old stores. The
// casts are for names with a NUL, which some drivers have to bind as blobs.

const FIND_LIBRARY = `
  SELECT id FROM libraries WHERE lower(name) = CAST(?1 AS TEXT)`;

const FIND_VERSION = `
  SELECT versions.id
  FROM libraries
  JOIN versions ON versions.library_id = libraries.id
  WHERE lower(libraries.name) = CAST(?1 AS TEXT)
    AND (lower(versions.name) = CAST(?2 AS TEXT) OR (versions.name IS NULL AND ?2 = ''))
  ORDER BY versions.name IS NULL, versions.id
  LIMIT 1`;

const FIND_PAGE = `
  SELECT id FROM pages WHERE version_id = ?1 AND url = ?2`;

interface IdRow {
  readonly id: number;
}

/** The id of a library; null when it does not exist. An id is returned as it is, without a look. */
export function findLibraryId(driver: SqliteDriver, ref: LibraryRef): LibraryId | null {
  const normal = normaliseLibraryRef(ref);
  if ('libraryId' in normal) return normal.libraryId;
  return driver.first<IdRow>(FIND_LIBRARY, [normal.library])?.id ?? null;
}

/** The id of a version; null when it does not exist. An id is returned as it is, without a look. */
export function findVersionId(driver: SqliteDriver, ref: VersionRef): VersionId | null {
  const normal = normaliseVersionRef(ref);
  if ('versionId' in normal) return normal.versionId;
  return driver.first<IdRow>(FIND_VERSION, [normal.library, normal.version])?.id ?? null;
}

/** The id of a page; null when it does not exist. An id is returned as it is, without a look. */
export function findPageId(driver: SqliteDriver, ref: PageRef): PageId | null {
  const normal = normalisePageRef(ref);
  if ('pageId' in normal) return normal.pageId;
  const versionId = findVersionId(driver, normal.version);
  if (versionId === null) return null;
  return driver.first<IdRow>(FIND_PAGE, [versionId, normal.url])?.id ?? null;
}
