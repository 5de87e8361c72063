import { findVersionId, type SqliteDriver } from '@switchyard/sqlite-common';
import type { VersionId, VersionRef } from '@switchyard/storage-core';
import { normalizeVersionRef } from '@switchyard/storage-core/backend';

/**
 * SQL expression for the id of the referenced version; null if no version has the names, an id is not looked up. Bind
 * {@link VersionValues} as ?1 to ?3. The casts are for names with a NUL, which are bound as blobs.
 */
export const VERSION_ID = `coalesce(
        ?1,
        (
          SELECT versions.id
          FROM libraries
          JOIN versions ON versions.library_id = libraries.id
          WHERE lower(libraries.name) = CAST(?2 AS TEXT) AND lower(versions.name) = CAST(?3 AS TEXT)
        )
      )`;

/** Values of a version reference: its id, or null and both names. */
export type VersionValues = readonly [id: VersionId | null, library: string | null, version: string | null];

/** Returns the values to bind for a reference. @throws TypeError for an invalid reference. */
export function versionValues(ref: VersionRef): VersionValues {
  const normal = normalizeVersionRef(ref);
  return 'versionId' in normal ? [normal.versionId, null, null] : [null, normal.library, normal.version];
}

/**
 * Runs a read that finds its version by {@link VERSION_ID}. Runs it again by id if it found none but the catalog does:
 * SQLite's lower() only changes ASCII, and stores converted from older software have other capitals in names.
 *
 * @throws TypeError for an invalid reference.
 */
export function readByVersion<T>(
  driver: SqliteDriver,
  ref: VersionRef,
  read: (values: VersionValues) => T,
  isFound: (result: T) => boolean,
): T {
  const values = versionValues(ref);
  const result = read(values);
  if (values[0] !== null || isFound(result)) return result;
  const versionId = findVersionId(driver, ref);
  return versionId === null ? result : read([versionId, null, null]);
}
