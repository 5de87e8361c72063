import type { SqliteDriver } from '@switchyard/sqlite-common';
import { StorageError } from '@switchyard/storage-core';
import type { VectorHit } from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../../capabilities.js';
import { toBlob } from '../blob.js';
import { measureAll, nearestOf, type StoredVector } from '../measure.js';
import type { VectorSpace } from '../profile.js';
import { lengthOf } from '../scale.js';
import type { VectorSearch } from '../vector-search.js';
import * as sql from './diskann-statements.js';

/** Maximum number of vectors outside the index; with more, exact search is faster. */
const MAX_PENDING = 2000;

/**
 * Search mode `diskann`: the engine's graph selects candidates, which are measured from their float32 components
 * together with every vector written since the index was built.
 */
export class DiskannSearch {
  readonly #driver: SqliteDriver;

  constructor(driver: SqliteDriver) {
    this.#driver = driver;
  }

  /**
   * Returns the nearest vectors that the index finds, or null if it cannot fill the limit because too much was written or
   * deleted since it was built. Must run in a read transaction.
   *
   * @throws StorageError `STORAGE_NOT_SUPPORTED` if the version has no index.
   */
  search(space: VectorSpace, { versionId, vector, limit }: VectorSearch): VectorHit[] | null {
    const index = readIndex(this.#driver, versionId);
    if (index === undefined) throw noIndex(versionId);
    if (index.entries === 0 || index.pending > MAX_PENDING || lengthOf(vector) === 0) return null;

    // Twice as many, because the engine ranks them by codes.
    const wanted = Math.min(index.entries, limit * 2 + 32);
    const near = [sql.indexName(versionId), toBlob(vector), wanted, versionId];
    const found = measureAll(space, vector, this.#driver.all<StoredVector>(sql.NEAREST, near));
    if (found.length < limit && wanted < index.entries) return null;
    const pending = measureAll(space, vector, this.#driver.all<StoredVector>(sql.PENDING, [versionId]));
    const byChunk = new Map([...found, ...pending].map((hit) => [hit.chunkId, hit]));
    return nearestOf([...byChunk.values()], limit);
  }
}

/** Returns the sizes of the index of a version; undefined without one. */
export function readIndex(
  driver: SqliteDriver,
  versionId: number,
): { readonly entries: number; readonly pending: number } | undefined {
  if (driver.first(sql.HAS_TABLES) === undefined) return undefined;
  return driver.first<{ entries: number; pending: number }>(sql.READ_INDEX, [versionId]);
}

/** Returns the error for a version that has no index. */
export function noIndex(versionId: number): StorageError {
  return new StorageError(
    'STORAGE_NOT_SUPPORTED',
    `The version (id ${versionId}) has no index for the mode 'diskann'. Build one ` +
      '(switchyard ann-index STORE LIBRARY@VERSION --build --yes), or search in the mode exact, which needs none.',
    {
      backend: BACKEND_NAME,
      outcome: 'not-applied',
      details: { capability: 'searchModes:diskann', versionId },
    },
  );
}
