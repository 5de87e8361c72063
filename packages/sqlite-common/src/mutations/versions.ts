import type {
  IfMissing,
  LibraryId,
  PutLibrary,
  PutVersion,
  RemoveVersion,
  ResolveVersion,
  SetScraperOptions,
  SetVersionProgress,
  SetVersionStatus,
  VersionId,
  VersionRef,
} from '@switchyard/storage-core';
import {
  type MutationResults,
  normalizeLibraryName,
  normalizeVersionName,
} from '@switchyard/storage-core/backend';
import { findLibraryId, findVersionId } from '../catalog/references.js';
import { integer } from '../rows/text-columns.js';
import { existingVersionId, type MutationContext, refuse, requireVersionId } from './context.js';

// Whole rows are written with REPLACE rather than UPDATE: legacy stores have triggers that set updated_at after every
// UPDATE, and these rows bring their own timestamps. Id and names were checked to be free.

const LIBRARY_EXISTS = `
  SELECT 1 AS found FROM libraries WHERE id = ?1`;

const VERSION_EXISTS = `
  SELECT 1 AS found FROM versions WHERE id = ?1`;

const INSERT_LIBRARY = `
  INSERT INTO libraries (id, name, created_at) VALUES (?1, ?2, ?3)`;

const PUT_LIBRARY = `
  REPLACE INTO libraries (id, name, created_at) VALUES (?1, ?2, ?3)`;

const INSERT_VERSION = `
  INSERT INTO versions (id, library_id, name, created_at, status, progress_pages, progress_max_pages)
  VALUES (?1, ?2, ?3, ?4, 'not_indexed', 0, 0)`;

const PUT_VERSION = `
  REPLACE INTO versions (
    id, library_id, name, created_at, status, progress_pages, progress_max_pages,
    error_message, started_at, updated_at, source_url, scraper_options
  ) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)`;

const SET_STATUS = `
  UPDATE versions SET status = ?2, error_message = ?3, updated_at = ?4 WHERE id = ?1`;

const SET_PROGRESS = `
  UPDATE versions SET progress_pages = ?2, progress_max_pages = ?3, updated_at = ?4 WHERE id = ?1`;

const SET_SCRAPER_OPTIONS = `
  UPDATE versions SET source_url = ?2, scraper_options = ?3, updated_at = ?4 WHERE id = ?1`;

const LIBRARY_OF_VERSION = `
  SELECT ${integer('library_id')} FROM versions WHERE id = ?1`;

const DELETE_PAGES = `
  DELETE FROM pages WHERE version_id = ?1`;

const DELETE_VERSION = `
  DELETE FROM versions WHERE id = ?1`;

const DELETE_LIBRARY_WITHOUT_VERSIONS = `
  DELETE FROM libraries
  WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM versions WHERE versions.library_id = libraries.id)`;

export function resolveVersion(
  context: MutationContext,
  { library, version, ids }: Pick<ResolveVersion, 'library' | 'version' | 'ids'>,
): MutationResults['resolveVersion'] {
  const { driver, now } = context;
  const libraryName = normalizeLibraryName(library);
  const versionName = normalizeVersionName(version);

  let libraryId = findLibraryId(driver, { library: libraryName });
  if (libraryId === null) {
    checkFree(context, LIBRARY_EXISTS, ids?.libraryId, 'library');
    libraryId = driver.run(INSERT_LIBRARY, [
      ids?.libraryId ?? context.takeIds?.('library', 1) ?? null,
      libraryName,
      now,
    ]).lastInsertRowid;
  } else {
    checkSame(libraryId, ids?.libraryId, `The library '${libraryName}'`);
  }

  const existing = findVersionId(driver, { library: libraryName, version: versionName });
  if (existing !== null) {
    checkSame(existing, ids?.versionId, `The version '${versionName}' of '${libraryName}'`);
    return { libraryId, versionId: existing, created: false };
  }
  checkFree(context, VERSION_EXISTS, ids?.versionId, 'version');
  const { lastInsertRowid } = driver.run(INSERT_VERSION, [
    ids?.versionId ?? context.takeIds?.('version', 1) ?? null,
    libraryId,
    versionName,
    now,
  ]);
  return { libraryId, versionId: lastInsertRowid, created: true };
}

export function putVersion(
  context: MutationContext,
  { library, version }: PutVersion,
): MutationResults['putVersion'] {
  const { driver } = context;
  const libraryName = normalizeLibraryName(library.name);
  const versionName = normalizeVersionName(version.name);
  if (version.libraryId !== library.id) {
    refuse(`Version ${version.id} belongs to library ${version.libraryId}, not to library ${library.id}.`);
  }
  writeLibrary(context, library.id, libraryName, library.createdAt);

  const existing = findVersionId(driver, { library: libraryName, version: versionName });
  if (existing === null) checkFree(context, VERSION_EXISTS, version.id, 'version');
  else checkSame(existing, version.id, `The version '${versionName}' of '${libraryName}'`);
  driver.run(PUT_VERSION, [
    version.id,
    library.id,
    versionName,
    version.createdAt,
    version.status,
    version.progressPages,
    version.progressMaxPages,
    version.errorMessage,
    version.startedAt,
    version.updatedAt,
    version.sourceUrl,
    version.scraperOptions === null ? null : JSON.stringify(version.scraperOptions),
  ]);
  return { libraryId: library.id, versionId: version.id };
}

export function putLibrary(
  context: MutationContext,
  { library: { id, name, createdAt } }: PutLibrary,
): MutationResults['putLibrary'] {
  writeLibrary(context, id, normalizeLibraryName(name), createdAt);
  return { libraryId: id };
}

function writeLibrary(context: MutationContext, id: LibraryId, name: string, createdAt: string | null): void {
  const existing = findLibraryId(context.driver, { library: name });
  if (existing === null) checkFree(context, LIBRARY_EXISTS, id, 'library');
  else checkSame(existing, id, `The library '${name}'`);
  context.driver.run(PUT_LIBRARY, [id, name, createdAt]);
}

export function removeVersion(
  context: MutationContext,
  { version, removeLibrary = true }: RemoveVersion,
): MutationResults['removeVersion'] {
  const { driver, chunks } = context;
  const versionId = existingVersionId(context, version);
  if (versionId === null) return { chunksDeleted: 0, versionDeleted: false, libraryDeleted: false };
  const libraryId = driver.first<{ library_id: number }>(LIBRARY_OF_VERSION, [versionId])?.library_id ?? 0;
  const chunksDeleted = chunks.deleteOfVersions([versionId]);
  driver.run(DELETE_PAGES, [versionId]);
  driver.run(DELETE_VERSION, [versionId]);
  const libraryDeleted =
    removeLibrary && driver.run(DELETE_LIBRARY_WITHOUT_VERSIONS, [libraryId]).changes > 0;
  return { chunksDeleted, versionDeleted: true, libraryDeleted };
}

export function setVersionStatus(
  context: MutationContext,
  { version, status, errorMessage = null, ifMissing }: SetVersionStatus,
): MutationResults['setVersionStatus'] {
  const versionId = versionToChange(context, version, ifMissing);
  if (versionId === null) return { versionId };
  context.driver.run(SET_STATUS, [versionId, status, errorMessage, context.now]);
  return { versionId };
}

export function setVersionProgress(
  context: MutationContext,
  { version, pages, maxPages, ifMissing }: SetVersionProgress,
): MutationResults['setVersionProgress'] {
  const versionId = versionToChange(context, version, ifMissing);
  if (versionId === null) return { versionId };
  context.driver.run(SET_PROGRESS, [versionId, pages, maxPages, context.now]);
  return { versionId };
}

export function setScraperOptions(
  context: MutationContext,
  { version, sourceUrl, options, ifMissing }: SetScraperOptions,
): MutationResults['setScraperOptions'] {
  const versionId = versionToChange(context, version, ifMissing);
  if (versionId === null) return { versionId };
  const json = options === null ? null : JSON.stringify(options);
  context.driver.run(SET_SCRAPER_OPTIONS, [versionId, sourceUrl, json, context.now]);
  return { versionId };
}

function versionToChange(
  context: MutationContext,
  version: VersionRef,
  ifMissing: IfMissing = 'error',
): VersionId | null {
  return ifMissing === 'ignore' ? existingVersionId(context, version) : requireVersionId(context, version);
}

function checkFree(
  { driver }: MutationContext,
  statement: typeof LIBRARY_EXISTS | typeof VERSION_EXISTS,
  id: number | undefined,
  what: string,
): void {
  if (id !== undefined && driver.first(statement, [id]) !== undefined) {
    refuse(`The id ${id} belongs to another ${what}.`);
  }
}

function checkSame(existing: number, given: number | undefined, what: string): void {
  if (given !== undefined && given !== existing) refuse(`${what} has the id ${existing}, not ${given}.`);
}
