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
import { normalizeLibraryRef, normalizePageRef, normalizeVersionRef } from '@switchyard/storage-core/backend';
import type { StoredChunk, Tables } from './tables.js';

/** The library that is meant, if there is one. */
export function findLibrary(tables: Tables, ref: LibraryRef): LibraryRecord | undefined {
  const normal = normalizeLibraryRef(ref);
  if ('libraryId' in normal) return tables.libraries.get(normal.libraryId);
  return [...tables.libraries.values()].find((library) => library.name === normal.library);
}

/** The version that is meant, if there is one. */
export function findVersion(tables: Tables, ref: VersionRef): VersionRecord | undefined {
  const normal = normalizeVersionRef(ref);
  if ('versionId' in normal) return tables.versions.get(normal.versionId);
  return [...tables.versions.values()].find(
    (version) => version.library === normal.library && version.name === normal.version,
  );
}

/** The page that is meant, if there is one. */
export function findPage(tables: Tables, ref: PageRef): PageRecord | undefined {
  const normal = normalizePageRef(ref);
  if ('pageId' in normal) return tables.pages.get(normal.pageId);
  const version = findVersion(tables, normal.version);
  return version && tables.pagesOf(version.id).find((page) => page.url === normal.url);
}

/** The version that a write names. @throws StorageError `STORAGE_NOT_FOUND` */
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

/** The page of a chunk that is in the tables. */
export function pageOf(tables: Tables, chunk: StoredChunk): PageRecord {
  const page = tables.pages.get(chunk.pageId);
  if (page === undefined) throw new Error(`Chunk ${chunk.id} has no page.`);
  return page;
}

/** A chunk as it is handed out. */
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

/** Orders texts by their code points, which UTF-16 units do not beyond U+FFFF. */
export function byCodePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
