import type { SqliteDriver } from '@switchyard/sqlite-common';
import { FtsSearch } from '../fts/ranking/fts-search.js';
import type { RemoteApplyContext } from '../server/apply.js';
import type { ServerSearch } from '../server/search.js';
import { CodeCache } from '../vectors/codes/code-cache.js';
import { DiskannSearch } from '../vectors/diskann/diskann-search.js';
import { ExactScan } from '../vectors/exact-scan.js';
import { QuantizedSearch } from '../vectors/quantized-search.js';
import { UnchangedSearch } from '../vectors/unchanged-search.js';
import type { VectorSearcher } from '../vectors/vector-searcher.js';

/** A connection, and what searches by it. */
export interface OpenStore {
  readonly driver: SqliteDriver;
  readonly searcher: VectorSearcher;
  readonly unchanged: UnchangedSearch;
  readonly cache: CodeCache;
  readonly fts: FtsSearch;
  /** On a server every search is one statement; elsewhere null. */
  readonly server: ServerSearch | null;
  /** How writes are sent to a server; null where they are not. */
  readonly remoteWrites: Omit<RemoteApplyContext, 'driver'> | null;
}

/** What searches may take of the memory, and what a server needs beside. */
export interface OpenStoreOptions {
  readonly vectorCacheBytes: number;
  readonly ftsCacheBytes: number;
  readonly server?: ServerSearch | null | undefined;
  readonly remoteWrites?: OpenStore['remoteWrites'] | undefined;
}

/** Puts together what searches by a connection. */
export function openStore(
  driver: SqliteDriver,
  { vectorCacheBytes, ftsCacheBytes, server = null, remoteWrites = null }: OpenStoreOptions,
): OpenStore {
  const cache = new CodeCache(vectorCacheBytes);
  return {
    driver,
    cache,
    searcher: new DiskannSearch(driver, new QuantizedSearch(driver, cache, new ExactScan(driver))),
    unchanged: new UnchangedSearch(driver, cache),
    fts: new FtsSearch(ftsCacheBytes),
    server,
    remoteWrites,
  };
}
