import type {
  ChunkFilter,
  ChunkRecord,
  LibraryRecord,
  LibraryRef,
  PageRecord,
  PageRef,
  VersionRecord,
  VersionRef,
} from '@switchyard/storage-core';
import {
  normalizeFilter,
  normalizeLibraryRef,
  normalizePageRef,
  normalizeVersionRef,
  passesFilter,
} from '@switchyard/storage-core/backend';
import type { StoredChunk, Tables } from './store.js';

export function findLibrary(tables: Tables, ref: LibraryRef): LibraryRecord | undefined {
  const normal = normalizeLibraryRef(ref);
  if ('libraryId' in normal) return tables.libraries.get(normal.libraryId);
  return [...tables.libraries.values()].find(({ name }) => name === normal.library);
}

export function findVersion(tables: Tables, ref: VersionRef): VersionRecord | undefined {
  const normal = normalizeVersionRef(ref);
  if ('versionId' in normal) return tables.versions.get(normal.versionId);
  return [...tables.versions.values()].find(
    ({ library, name }) => library === normal.library && name === normal.version,
  );
}

export function findPage(tables: Tables, ref: PageRef): PageRecord | undefined {
  const normal = normalizePageRef(ref);
  if ('pageId' in normal) return tables.pages.get(normal.pageId);
  const version = findVersion(tables, normal.version);
  return version && pagesOf(tables, version.id).find(({ url }) => url === normal.url);
}

export function versionsOf(tables: Tables, libraryId: number): VersionRecord[] {
  return [...tables.versions.values()].filter((version) => version.libraryId === libraryId);
}

export function pagesOf(tables: Tables, versionId: number): PageRecord[] {
  return [...tables.pages.values()]
    .filter((page) => page.versionId === versionId)
    .sort((a, b) => a.id - b.id);
}

export function chunksOf(tables: Tables, pageId: number): StoredChunk[] {
  return [...tables.chunks.values()].filter((chunk) => chunk.pageId === pageId).sort(inPageOrder);
}

export function pageOf(tables: Tables, { pageId }: StoredChunk): PageRecord {
  return tables.pages.get(pageId) as PageRecord;
}

export function inPageOrder(a: StoredChunk, b: StoredChunk): number {
  return a.sortOrder - b.sortOrder || a.id - b.id;
}

/** Returns true for a chunk of the version that passes the filter of a search. */
export function isWanted(
  tables: Tables,
  chunk: StoredChunk,
  version: number,
  filter: ChunkFilter | undefined,
): boolean {
  const { versionId, url } = pageOf(tables, chunk);
  const normal = normalizeFilter(filter);
  return (
    versionId === version && (normal === null || passesFilter(normal, { url, metadata: chunk.metadata }))
  );
}

export function toRecord(tables: Tables, chunk: StoredChunk): ChunkRecord {
  const { id: pageId, versionId, url, title, contentType, sourceContentType } = pageOf(tables, chunk);
  const { id, content, metadata, sortOrder, createdAt } = chunk;
  return {
    id,
    pageId,
    versionId,
    url,
    title,
    contentType,
    sourceContentType,
    content,
    metadata: structuredClone(metadata),
    sortOrder,
    createdAt,
  };
}
