import { indexText } from '@switchyard/fts-text';
import {
  type LibraryRecord,
  type Mutation,
  type MutationResult,
  type PageFilter,
  type ReplacePage,
  StorageError,
  type VersionRecord,
  type VersionRef,
} from '@switchyard/storage-core';
import {
  normalizeLibraryName,
  normalizePageFilter,
  normalizeVersionName,
  passesPageFilter,
  wellFormed,
} from '@switchyard/storage-core/backend';
import { chunksOf, findLibrary, findPage, findVersion, pagesOf, versionsOf } from './lookup.js';
import type { Tables, Transaction } from './store.js';

export async function applyMutation(tables: Transaction, given: Mutation): Promise<MutationResult> {
  const mutation = wellFormed(given);
  const { kind } = mutation;
  switch (kind) {
    case 'resolveVersion': {
      const { version, created } = resolveVersion(tables, mutation.library, mutation.version, mutation.ids);
      return { kind, libraryId: version.libraryId, versionId: version.id, created };
    }
    case 'replacePage':
      return { kind, ...replacePage(tables, mutation) };
    case 'deletePage': {
      const page = findPage(tables, mutation.page);
      return page === undefined
        ? { kind, pagesDeleted: 0, chunksDeleted: 0 }
        : { kind, pagesDeleted: 1, chunksDeleted: deletePage(tables, page.id) };
    }
    case 'deletePages':
      return { kind, ...deletePages(tables, findVersion(tables, mutation.version), mutation.filter) };
    case 'removeVersion': {
      const version = findVersion(tables, mutation.version);
      const { chunksDeleted } = deletePages(tables, version);
      if (version === undefined) return { kind, chunksDeleted, versionDeleted: false, libraryDeleted: false };
      tables.versions.delete(version.id);
      const isLast = versionsOf(tables, version.libraryId).length === 0;
      const libraryDeleted =
        isLast && mutation.removeLibrary !== false && tables.libraries.delete(version.libraryId);
      return { kind, chunksDeleted, versionDeleted: true, libraryDeleted };
    }
    case 'setVersionStatus': {
      const { status, errorMessage = null } = mutation;
      return { kind, versionId: change(tables, mutation, { status, errorMessage }) };
    }
    case 'setVersionProgress': {
      const { pages: progressPages, maxPages: progressMaxPages } = mutation;
      return { kind, versionId: change(tables, mutation, { progressPages, progressMaxPages }) };
    }
    case 'setScraperOptions': {
      const { sourceUrl, options } = mutation;
      const scraperOptions = structuredClone(options);
      return { kind, versionId: change(tables, mutation, { sourceUrl, scraperOptions }) };
    }
    case 'putLibrary':
      putLibrary(tables, mutation.library);
      return { kind, libraryId: mutation.library.id };
    case 'putVersion': {
      const { library, version } = mutation;
      putLibrary(tables, library);
      putVersion(tables, library, version);
      return { kind, libraryId: library.id, versionId: version.id };
    }
    case 'removeLibrary': {
      const library = findLibrary(tables, mutation.library);
      const counts = removeLibraries(tables, library === undefined ? [] : [library]);
      return { kind, ...counts, libraryDeleted: library !== undefined };
    }
    case 'clear': {
      const libraries = [...tables.libraries.values()];
      return { kind, ...removeLibraries(tables, libraries), librariesDeleted: libraries.length };
    }
  }
}

function putLibrary(tables: Tables, library: LibraryRecord): void {
  const name = normalizeLibraryName(library.name);
  for (const other of tables.libraries.values()) {
    if ((other.id === library.id) !== (other.name === name)) clash(`the library ${name} (${library.id})`);
  }
  tables.libraries.set(tables.useId(library.id), { ...library, name });
}

function putVersion(tables: Tables, library: LibraryRecord, version: VersionRecord): void {
  const name = normalizeVersionName(version.name);
  for (const other of tables.versions.values()) {
    const isSame = other.libraryId === library.id && other.name === name;
    if ((other.id === version.id) !== isSame) clash(`the version ${name} (${version.id})`);
  }
  tables.versions.set(tables.useId(version.id), {
    ...version,
    name,
    libraryId: library.id,
    library: normalizeLibraryName(library.name),
    scraperOptions: structuredClone(version.scraperOptions),
  });
}

function removeLibraries(tables: Tables, libraries: readonly LibraryRecord[]) {
  const counts = { versionsDeleted: 0, pagesDeleted: 0, chunksDeleted: 0 };
  for (const { id } of libraries) {
    for (const version of versionsOf(tables, id)) {
      const { pagesDeleted, chunksDeleted } = deletePages(tables, version);
      tables.versions.delete(version.id);
      counts.versionsDeleted += 1;
      counts.pagesDeleted += pagesDeleted;
      counts.chunksDeleted += chunksDeleted;
    }
    tables.libraries.delete(id);
  }
  return counts;
}

/** Returns the id of a new row: the one that the caller assigned, unless another row has it. */
function newId(tables: Tables, rows: ReadonlyMap<number, unknown>, assigned: number | undefined): number {
  if (assigned === undefined) return tables.nextId();
  if (rows.has(assigned)) clash(`the id ${assigned}`);
  return tables.useId(assigned);
}

/** Rejects an assigned id that differs from that of the known row. */
function requireSame(known: number, assigned: number | undefined): void {
  if (assigned !== undefined && assigned !== known) clash(`the id ${assigned} instead of ${known}`);
}

function clash(what: string): never {
  throw new StorageError('STORAGE_CONSTRAINT', `Another row clashes with ${what}.`, {
    backend: 'template-scheme',
    outcome: 'not-applied',
  });
}

function resolveVersion(
  tables: Tables,
  libraryName: string,
  versionName: string,
  ids?: { readonly libraryId: number; readonly versionId: number },
): { version: VersionRecord; created: boolean } {
  const library =
    findLibrary(tables, { library: libraryName }) ?? addLibrary(tables, libraryName, ids?.libraryId);
  requireSame(library.id, ids?.libraryId);
  const name = normalizeVersionName(versionName);
  const known = versionsOf(tables, library.id).find((version) => version.name === name);
  if (known !== undefined) {
    requireSame(known.id, ids?.versionId);
    return { version: known, created: false };
  }
  const version: VersionRecord = {
    id: newId(tables, tables.versions, ids?.versionId),
    libraryId: library.id,
    library: library.name,
    name,
    status: 'not_indexed',
    progressPages: 0,
    progressMaxPages: 0,
    errorMessage: null,
    sourceUrl: null,
    scraperOptions: null,
    createdAt: now(),
    startedAt: null,
    updatedAt: now(),
  };
  tables.versions.set(version.id, version);
  return { version, created: true };
}

function addLibrary(tables: Tables, name: string, assigned: number | undefined): LibraryRecord {
  const library = {
    id: newId(tables, tables.libraries, assigned),
    name: normalizeLibraryName(name),
    createdAt: now(),
  };
  tables.libraries.set(library.id, library);
  return library;
}

function replacePage(tables: Tables, { version: ref, page: input, chunks }: ReplacePage) {
  const version =
    'versionId' in ref
      ? requireVersion(tables, ref)
      : resolveVersion(tables, ref.library, ref.version).version;
  const known = pagesOf(tables, version.id).find(({ url }) => url === input.url);
  if (known !== undefined) requireSame(known.id, input.id);
  const { title = null, etag = null, lastModified = null, contentType = null } = input;
  const page = {
    id: known?.id ?? newId(tables, tables.pages, input.id),
    versionId: version.id,
    url: input.url,
    title,
    etag,
    lastModified,
    contentType,
    sourceContentType: input.sourceContentType ?? null,
    depth: input.depth ?? null,
    createdAt:
      input.createdAt === undefined ? (known === undefined ? now() : known.createdAt) : input.createdAt,
    updatedAt: input.updatedAt === undefined ? now() : input.updatedAt,
  };
  tables.pages.set(page.id, page);
  const chunksReplaced = deleteChunks(tables, page.id);
  const chunkIds = chunks.map((chunk, index) => {
    const id = newId(tables, tables.chunks, chunk.id);
    const { content, metadata, vector, sortOrder = index } = chunk;
    tables.chunks.set(id, {
      id,
      pageId: page.id,
      content,
      metadata: structuredClone(metadata),
      sortOrder,
      createdAt: chunk.createdAt === undefined ? now() : chunk.createdAt,
      vector: vector === null ? null : vector.slice(),
      text: indexText({ content, title, url: page.url, path: metadata.path }),
    });
    return id;
  });
  return { versionId: version.id, pageId: page.id, chunkIds, chunksReplaced };
}

function deleteChunks(tables: Tables, pageId: number): number {
  const chunks = chunksOf(tables, pageId);
  for (const { id } of chunks) tables.chunks.delete(id);
  return chunks.length;
}

function deletePage(tables: Tables, pageId: number): number {
  tables.pages.delete(pageId);
  return deleteChunks(tables, pageId);
}

function deletePages(tables: Tables, version: VersionRecord | undefined, filter?: PageFilter) {
  const normal = filter === undefined ? null : normalizePageFilter(filter);
  const all = version === undefined ? [] : pagesOf(tables, version.id);
  const pages = all.filter((page) => normal === null || passesPageFilter(normal, page));
  const chunksDeleted = pages.reduce((sum, { id }) => sum + deletePage(tables, id), 0);
  return { pagesDeleted: pages.length, chunksDeleted };
}

function change(
  tables: Tables,
  { version: ref, ifMissing }: { version: VersionRef; ifMissing?: 'error' | 'ignore' | undefined },
  changes: Partial<VersionRecord>,
): number | null {
  const version = ifMissing === 'ignore' ? findVersion(tables, ref) : requireVersion(tables, ref);
  if (version === undefined) return null;
  tables.versions.set(version.id, { ...version, ...changes, updatedAt: now() });
  return version.id;
}

function requireVersion(tables: Tables, ref: VersionRef): VersionRecord {
  const version = findVersion(tables, ref);
  if (version !== undefined) return version;
  throw new StorageError('STORAGE_NOT_FOUND', `There is no version ${JSON.stringify(ref)}.`, {
    backend: 'template-scheme',
    outcome: 'not-applied',
  });
}

function now(): string {
  return new Date().toISOString();
}
