import { completeCandidates, type SqliteDriver } from '@switchyard/sqlite-common';
import type { Capabilities, FtsCacheReport, VectorCacheReport } from '@switchyard/storage-core';
import {
  type CandidateRequest,
  type Candidates,
  checkFtsQuery,
  checkVectorQuery,
  type FtsHit,
  type FtsQuery,
  requireModel,
  requireSearchMode,
  type VectorHit,
  type VectorQuery,
} from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import { FtsSearch } from '../fts/ranking/fts-search.js';
import { CodeCache } from '../vectors/codes/code-cache.js';
import { diskannSearch, exactSearch, type SearchModes } from '../vectors/search-modes.js';
import {
  type FtsState,
  readFtsState,
  readHybridState,
  readVectorState,
  type VectorState,
} from './search-state.js';
import type { StoreSearch } from './store-search.js';

/** Sizes of the caches of a {@link LocalSearch}, in bytes; 0 turns a cache off. */
export interface SearchCacheSizes {
  readonly vectorCacheBytes: number;
  readonly ftsCacheBytes: number;
}

/** Searches of a store whose database is in this process: a local file, a replica, or memory. */
export class LocalSearch implements StoreSearch {
  readonly #driver: SqliteDriver;
  readonly #capabilities: Capabilities;
  readonly #vectorCache: CodeCache;
  readonly #modes: SearchModes;
  readonly #fts: FtsSearch;

  constructor(
    driver: SqliteDriver,
    capabilities: Capabilities,
    { vectorCacheBytes, ftsCacheBytes }: SearchCacheSizes,
  ) {
    this.#driver = driver;
    this.#capabilities = capabilities;
    this.#vectorCache = new CodeCache(vectorCacheBytes);
    const exact = exactSearch(driver, this.#vectorCache);
    this.#modes = capabilities.searchModes.includes('diskann')
      ? { exact, diskann: diskannSearch(driver, exact) }
      : { exact };
    this.#fts = new FtsSearch(ftsCacheBytes);
  }

  /** See `VectorIndex.nearest`. */
  nearest(query: VectorQuery): VectorHit[] {
    requireSearchMode(BACKEND_NAME, this.#capabilities, query.mode);
    return this.#driver.readTransaction(() =>
      this.#nearest(readVectorState(this.#driver, query.version), query),
    );
  }

  /** See `FtsIndex.match`. */
  match(query: FtsQuery): FtsHit[] {
    checkFtsQuery(query);
    return this.#driver.readTransaction(() => this.#match(readFtsState(this.#driver, query.version), query));
  }

  /** See `StorageBackend.candidates`. */
  candidates({ version, vector, fts, fusion }: CandidateRequest): Candidates {
    checkFtsQuery({ ...fts, version });
    const { values, limit, mode, model } = vector;
    requireSearchMode(BACKEND_NAME, this.#capabilities, mode);
    return this.#driver.readTransaction(() => {
      const state = readHybridState(this.#driver, version);
      const lists = {
        vector: this.#nearest(state, { version, vector: values, limit, mode, model }),
        fts: this.#match(state, fts),
      };
      return completeCandidates(this.#driver, lists, fusion, (ids) => {
        const { versionId, records } = state;
        return versionId === null ? [] : this.#fts.structuralAmong(this.#driver, { versionId, records }, ids);
      });
    });
  }

  /** Returns the usage of both caches. */
  report(): { readonly vectorCache: VectorCacheReport; readonly ftsCache: FtsCacheReport } {
    return { vectorCache: this.#vectorCache.report(), ftsCache: this.#fts.report() };
  }

  /** Releases the caches. */
  close(): void {
    this.#fts.close();
  }

  #nearest({ profile, versionId, generations }: VectorState, query: VectorQuery): VectorHit[] {
    const { vector, limit, mode = 'exact', model } = query;
    requireModel(BACKEND_NAME, profile, model);
    checkVectorQuery(query, profile?.dimension);
    if (profile === null || versionId === null || limit === 0) return [];
    const search = this.#modes[mode] ?? this.#modes.exact;
    return search(profile, { versionId, vector, limit, generations });
  }

  #match({ versionId, records }: FtsState, query: Omit<FtsQuery, 'version'>): FtsHit[] {
    return versionId === null ? [] : this.#fts.match(this.#driver, { versionId, records }, query);
  }
}
