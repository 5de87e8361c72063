import {
  type ChunkRecord,
  type LibraryRecord,
  type LibraryRef,
  type PageRecord,
  type PageRef,
  StorageError,
  type VersionRecord,
  type VersionRef,
} from '@switchyard/storage-core';
import {
  normalizeLibraryRef,
  normalizePageRef,
  normalizeVersionRef,
  type PageSnapshot,
} from '@switchyard/storage-core/backend';
import type { StoredChunk, Tables } from './tables.js';

/** Finds a library by reference. */
export function findLibrary(tables: Tables, ref: LibraryRef): LibraryRecord | undefined {
  const normal = normalizeLibraryRef(ref);
  if ('libraryId' in normal) return tables.libraries.get(normal.libraryId);
  return [...tables.libraries.values()].find((library) => library.name === normal.library);
}

/** Finds a version by reference. */
export function findVersion(tables: Tables, ref: VersionRef): VersionRecord | undefined {
  const normal = normalizeVersionRef(ref);
  if ('versionId' in normal) return tables.versions.get(normal.versionId);
  return [...tables.versions.values()].find(
    (version) => version.library === normal.library && version.name === normal.version,
  );
}

/** Finds a page by reference. */
export function findPage(tables: Tables, ref: PageRef): PageRecord | undefined {
  const normal = normalizePageRef(ref);
  if ('pageId' in normal) return tables.pages.get(normal.pageId);
  const version = findVersion(tables, normal.version);
  return version && tables.pagesOf(version.id).find((page) => page.url === normal.url);
}

/** Finds the version of a write. @throws StorageError `STORAGE_NOT_FOUND` */
export function requireVersion(tables: Tables, ref: VersionRef): VersionRecord {
  const version = findVersion(tables, ref);
  if (version === undefined) {
    throw new StorageError('STORAGE_NOT_FOUND', `There is no version ${JSON.stringify(ref)}.`, {
      backend: 'memory',
      outcome: 'not-applied',
    });
  }
  return version;
}

/** Returns the page of a stored chunk. */
export function pageOf(tables: Tables, chunk: StoredChunk): PageRecord {
  const page = tables.pages.get(chunk.pageId);
  if (page === undefined) throw new Error(`Chunk ${chunk.id} has no page.`);
  return page;
}

/** Converts a stored chunk to a record. */
export function toChunkRecord(tables: Tables, chunk: StoredChunk): ChunkRecord {
  const page = pageOf(tables, chunk);
  return {
    id: chunk.id,
    pageId: page.id,
    versionId: page.versionId,
    url: page.url,
    title: page.title,
    contentType: page.contentType,
    sourceContentType: page.sourceContentType,
    content: chunk.content,
    metadata: structuredClone(chunk.metadata),
    sortOrder: chunk.sortOrder,
    createdAt: chunk.createdAt,
  };
}

/** Returns a page with its chunks and vectors, as a copy. */
export function toPageSnapshot(tables: Tables, page: PageRecord): PageSnapshot {
  const chunks = tables.chunksOf(page.id).map(({ id, content, metadata, sortOrder, createdAt, vector }) => ({
    id,
    content,
    metadata: structuredClone(metadata),
    sortOrder,
    createdAt,
    vector: vector === null ? null : vector.slice(),
  }));
  return { page, chunks };
}
