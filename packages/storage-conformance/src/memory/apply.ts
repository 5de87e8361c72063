import type {
  LibraryRecord,
  Mutation,
  MutationResult,
  SetScraperOptions,
  SetVersionProgress,
  SetVersionStatus,
  VersionRecord,
} from '@switchyard/storage-core';
import {
  changedVersion,
  type NormalPageFilter,
  newVersion,
  normalizeLibraryName,
  normalizePageFilter,
  normalizeVersionName,
  passesPageFilter,
  sqlTimestamp,
} from '@switchyard/storage-core/backend';
import { findLibrary, findPage, findVersion, requireVersion } from './lookup.js';
import { deletePage, replacePage } from './pages.js';
import type { Tables } from './tables.js';
import { clash, plainCopy } from './values.js';

/** Applies one mutation to tables that are not visible to anyone else yet. @throws StorageError */
export function applyMutation(tables: Tables, mutation: Mutation): MutationResult {
  const { kind } = mutation;
  switch (kind) {
    case 'resolveVersion': {
      const { version, created } = resolveVersion(tables, mutation.library, mutation.version, mutation.ids);
      return { kind, libraryId: version.libraryId, versionId: version.id, created };
    }
    case 'putLibrary':
      putLibrary(tables, mutation.library);
      return { kind, libraryId: mutation.library.id };
    case 'putVersion':
      return { kind, ...putVersion(tables, mutation.library, mutation.version) };
    case 'replacePage': {
      const { version: ref } = mutation;
      const version =
        'versionId' in ref
          ? requireVersion(tables, ref)
          : resolveVersion(tables, ref.library, ref.version).version;
      return { kind, ...replacePage(tables, version, mutation.page, mutation.chunks) };
    }
    case 'deletePage': {
      const page = findPage(tables, mutation.page);
      if (page === undefined) return { kind, pagesDeleted: 0, chunksDeleted: 0 };
      return { kind, pagesDeleted: 1, chunksDeleted: deletePage(tables, page.id) };
    }
    case 'deletePages': {
      const version = findVersion(tables, mutation.version);
      const filter = mutation.filter === undefined ? null : normalizePageFilter(mutation.filter);
      return { kind, ...deletePages(tables, version, filter) };
    }
    case 'removeVersion': {
      const version = findVersion(tables, mutation.version);
      const { chunksDeleted } = deletePages(tables, version, null);
      if (version === undefined) return { kind, chunksDeleted, versionDeleted: false, libraryDeleted: false };
      tables.versions.delete(version.id);
      const isLast = tables.versionsOf(version.libraryId).length === 0;
      const libraryDeleted =
        isLast && mutation.removeLibrary !== false && tables.libraries.delete(version.libraryId);
      return { kind, chunksDeleted, versionDeleted: true, libraryDeleted };
    }
    case 'removeLibrary': {
      const library = findLibrary(tables, mutation.library);
      if (library === undefined) return { kind, ...nothing, libraryDeleted: false };
      return { kind, ...removeLibrary(tables, library), libraryDeleted: true };
    }
    case 'clear': {
      const libraries = [...tables.libraries.values()];
      const counts = { ...nothing };
      for (const library of libraries) {
        const { versionsDeleted, pagesDeleted, chunksDeleted } = removeLibrary(tables, library);
        counts.versionsDeleted += versionsDeleted;
        counts.pagesDeleted += pagesDeleted;
        counts.chunksDeleted += chunksDeleted;
      }
      return { kind, ...counts, librariesDeleted: libraries.length };
    }
    case 'setVersionStatus':
    case 'setVersionProgress':
    case 'setScraperOptions':
      return updateVersion(tables, mutation);
  }
}

function resolveVersion(
  tables: Tables,
  libraryName: string,
  versionName: string,
  ids?: { readonly libraryId: number; readonly versionId: number },
): { version: VersionRecord; created: boolean } {
  const name = normalizeVersionName(versionName);
  const library = resolveLibrary(tables, normalizeLibraryName(libraryName), ids?.libraryId);
  const known = tables.versionsOf(library.id).find((version) => version.name === name);
  if (known !== undefined) {
    if (ids !== undefined && ids.versionId !== known.id) {
      clash(`The version has the id ${known.id}, not ${ids.versionId}.`);
    }
    return { version: known, created: false };
  }
  if (ids !== undefined && tables.versions.has(ids.versionId)) {
    clash(`The id ${ids.versionId} belongs to another version.`);
  }
  const id = ids === undefined ? tables.nextId('version') : tables.useId(ids.versionId);
  const version = newVersion(id, library, name);
  tables.versions.set(version.id, version);
  return { version, created: true };
}

function resolveLibrary(tables: Tables, name: string, id: number | undefined): LibraryRecord {
  const known = [...tables.libraries.values()].find((library) => library.name === name);
  if (known !== undefined) {
    if (id !== undefined && id !== known.id) clash(`The library has the id ${known.id}, not ${id}.`);
    return known;
  }
  if (id !== undefined && tables.libraries.has(id)) clash(`The id ${id} belongs to another library.`);
  const library = {
    id: id === undefined ? tables.nextId('library') : tables.useId(id),
    name,
    createdAt: sqlTimestamp(),
  };
  tables.libraries.set(library.id, library);
  return library;
}

/** Writes a library with every column. @throws StorageError `STORAGE_CONSTRAINT` */
export function putLibrary(tables: Tables, library: LibraryRecord): void {
  const name = normalizeLibraryName(library.name);
  for (const other of tables.libraries.values()) {
    if ((other.id === library.id) !== (other.name === name)) {
      clash(`The library ${name} (${library.id}) clashes with ${other.name} (${other.id}).`);
    }
  }
  tables.libraries.set(tables.useId(library.id), { ...library, name });
}

/** Writes a version and its library with every column. @throws StorageError `STORAGE_CONSTRAINT` */
export function putVersion(
  tables: Tables,
  library: LibraryRecord,
  version: VersionRecord,
): { libraryId: number; versionId: number } {
  const libraryName = normalizeLibraryName(library.name);
  const versionName = normalizeVersionName(version.name);
  for (const other of tables.versions.values()) {
    const sameName = other.libraryId === library.id && other.name === versionName;
    if ((other.id === version.id) !== sameName) {
      clash(`The version ${versionName} (${version.id}) clashes with ${other.name} (${other.id}).`);
    }
  }
  putLibrary(tables, library);
  tables.versions.set(tables.useId(version.id), {
    ...version,
    name: versionName,
    libraryId: library.id,
    library: libraryName,
    scraperOptions: plainCopy(version.scraperOptions),
  });
  return { libraryId: library.id, versionId: version.id };
}

const nothing = { versionsDeleted: 0, pagesDeleted: 0, chunksDeleted: 0 };

function removeLibrary(tables: Tables, library: LibraryRecord): typeof nothing {
  const counts = { ...nothing };
  for (const version of tables.versionsOf(library.id)) {
    const { pagesDeleted, chunksDeleted } = deletePages(tables, version, null);
    tables.versions.delete(version.id);
    counts.versionsDeleted += 1;
    counts.pagesDeleted += pagesDeleted;
    counts.chunksDeleted += chunksDeleted;
  }
  tables.libraries.delete(library.id);
  return counts;
}

function deletePages(
  tables: Tables,
  version: VersionRecord | undefined,
  filter: NormalPageFilter | null,
): { pagesDeleted: number; chunksDeleted: number } {
  const all = version === undefined ? [] : tables.pagesOf(version.id);
  const pages = filter === null ? all : all.filter((page) => passesPageFilter(filter, page));
  let chunksDeleted = 0;
  for (const page of pages) chunksDeleted += deletePage(tables, page.id);
  return { pagesDeleted: pages.length, chunksDeleted };
}

function updateVersion(
  tables: Tables,
  mutation: SetVersionStatus | SetVersionProgress | SetScraperOptions,
): MutationResult {
  const { kind, ifMissing = 'error' } = mutation;
  const version =
    ifMissing === 'ignore' ? findVersion(tables, mutation.version) : requireVersion(tables, mutation.version);
  if (version === undefined) return { kind, versionId: null };
  const changed = changedVersion(version, mutation);
  tables.versions.set(version.id, { ...changed, scraperOptions: plainCopy(changed.scraperOptions) });
  return { kind, versionId: version.id };
}
