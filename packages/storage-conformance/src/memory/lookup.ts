import { type PageRecord, StorageError, type VersionRecord, type VersionRef } from '@switchyard/storage-core';
import { findVersionIn } from '@switchyard/storage-core/backend';
import type { StoredChunk, Tables } from './tables.js';

export {
  findLibraryIn as findLibrary,
  findPageIn as findPage,
  findVersionIn as findVersion,
  toChunkRecord,
  toPageSnapshot,
} from '@switchyard/storage-core/backend';

/** Finds the version of a write. @throws StorageError `STORAGE_NOT_FOUND` */
export function requireVersion(tables: Tables, ref: VersionRef): VersionRecord {
  const version = findVersionIn(tables, ref);
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
