import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { VectorHit } from '@switchyard/storage-core/backend';
import type { CodeCache } from './codes/code-cache.js';
import { DiskannSearch } from './diskann/diskann-search.js';
import { EngineScan } from './engine-scan.js';
import type { VectorSpace } from './profile.js';
import { QuantizedSearch } from './quantized-search.js';
import type { VectorSearch } from './vector-search.js';

/**
 * Finds the nearest vectors of a version: ascending by the distance that `distance()` of storage-core returns, ties by
 * chunk id, also at the limit. Must run in a read transaction.
 */
export type Searcher = (space: VectorSpace, search: VectorSearch) => VectorHit[];

/** Searchers of a store by mode. */
export interface SearchModes {
  readonly exact: Searcher;
  readonly diskann?: Searcher;
}

/** Searches by codes, or by the engine if there are none that can be used. */
export function exactSearch(driver: SqliteDriver, cache: CodeCache): Searcher {
  const engine = new EngineScan(driver);
  if (cache.isOff) return (space, search) => engine.search(space, search);
  const quantized = new QuantizedSearch(driver, cache);
  return (space, search) => quantized.search(space, search) ?? engine.search(space, search);
}

/** Searches by the ANN index of the version, or exactly if the index cannot fill the limit or would have to filter. */
export function diskannSearch(driver: SqliteDriver, exact: Searcher): Searcher {
  const diskann = new DiskannSearch(driver);
  return (space, search) =>
    (search.passing === null ? diskann.search(space, search) : null) ?? exact(space, search);
}
