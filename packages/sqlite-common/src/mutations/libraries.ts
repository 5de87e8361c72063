import type { RemoveLibrary, VersionId } from '@switchyard/storage-core';
import type { MutationResults } from '@switchyard/storage-core/backend';
import { findLibraryId } from '../catalog/references.js';
import { integer } from '../rows/text-columns.js';
import type { MutationContext } from './context.js';

const VERSIONS = `
  SELECT ${integer('id')} FROM versions ORDER BY id`;

const VERSIONS_OF_LIBRARY = `
  SELECT ${integer('id')} FROM versions WHERE library_id = ?1 ORDER BY id`;

/** ?1 a JSON array of ids. */
const DELETE_PAGES_OF_VERSIONS = `
  DELETE FROM pages WHERE version_id IN (SELECT value FROM json_each(?1))`;

/** ?1 a JSON array of ids. */
const DELETE_VERSIONS = `
  DELETE FROM versions WHERE id IN (SELECT value FROM json_each(?1))`;

const DELETE_LIBRARY = `
  DELETE FROM libraries WHERE id = ?1`;

const DELETE_LIBRARIES = `
  DELETE FROM libraries`;

export function removeLibrary(
  context: MutationContext,
  { library }: RemoveLibrary,
): MutationResults['removeLibrary'] {
  const { driver } = context;
  const libraryId = findLibraryId(driver, library);
  const versions = libraryId === null ? [] : driver.all<VersionRow>(VERSIONS_OF_LIBRARY, [libraryId]);
  const counts = deleteVersions(context, versions);
  const libraryDeleted = libraryId !== null && driver.run(DELETE_LIBRARY, [libraryId]).changes > 0;
  return { ...counts, libraryDeleted };
}

export function clearStore(context: MutationContext): MutationResults['clear'] {
  const { driver } = context;
  const counts = deleteVersions(context, driver.all<VersionRow>(VERSIONS));
  return { ...counts, librariesDeleted: driver.run(DELETE_LIBRARIES).changes };
}

interface VersionRow {
  readonly id: VersionId;
}

/** Deletes versions by a number of statements that does not grow with the number of versions. */
function deleteVersions({ driver, chunks }: MutationContext, versions: readonly VersionRow[]) {
  if (versions.length === 0) return { versionsDeleted: 0, pagesDeleted: 0, chunksDeleted: 0 };
  const ids = versions.map(({ id }) => id);
  const list = JSON.stringify(ids);
  const chunksDeleted = chunks.deleteOfVersions(ids);
  const pagesDeleted = driver.run(DELETE_PAGES_OF_VERSIONS, [list]).changes;
  const versionsDeleted = driver.run(DELETE_VERSIONS, [list]).changes;
  return { versionsDeleted, pagesDeleted, chunksDeleted };
}
