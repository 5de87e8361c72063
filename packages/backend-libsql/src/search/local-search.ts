import { completeCandidates, type SqliteDriver } from '@switchyard/sqlite-common';
import type {
  Capabilities,
  ChunkId,
  FtsCacheReport,
  VectorCacheReport,
  VersionId,
} from '@switchyard/storage-core';
import {
  type CandidateRequest,
  type Candidates,
  checkCandidateRequest,
  checkFtsQuery,
  checkVectorQuery,
  type FtsHit,
  type FtsQuery,
  mergeFtsHits,
  mergeVectorHits,
  type NormalFilter,
  normalizeFilter,
  requireModel,
  requireSearchMode,
  type VectorHit,
  type VectorQuery,
  type VectorsQuery,
} from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import { FtsSearch, type FtsVersion } from '../fts/ranking/fts-search.js';
import { CodeCache } from '../vectors/codes/code-cache.js';
import { ANY_OF_VERSION } from '../vectors/scan-statements.js';
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
    const { version, vector: values, limit, mode, model } = query;
    requireSearchMode(BACKEND_NAME, this.#capabilities, mode);
    const filter = normalizeFilter(query.filter);
    return this.#driver.readTransaction(() => {
      const filtered = filter === null ? null : readHybridState(this.#driver, version);
      const state = filtered ?? readVectorState(this.#driver, version);
      requireModel(BACKEND_NAME, state.profile, model);
      checkVectorQuery(query, state.profile?.dimension);
      const passing = filtered === null ? null : this.#passing(filtered, filter);
      return this.#nearest(state, { values, limit, mode }, passing);
    });
  }

  /** See `VectorIndex.hasAny`. */
  hasAny({ versions, model }: VectorsQuery): boolean {
    return this.#driver.readTransaction(() =>
      versions.some((version) => {
        const { profile, versionId } = readVectorState(this.#driver, version);
        requireModel(BACKEND_NAME, profile, model);
        if (profile === null || versionId === null) return false;
        return this.#driver.first(ANY_OF_VERSION, [versionId]) !== undefined;
      }),
    );
  }

  /** See `FtsIndex.match`. */
  match(query: FtsQuery): FtsHit[] {
    checkFtsQuery(query);
    const filter = normalizeFilter(query.filter);
    return this.#driver.readTransaction(() => {
      const state = readFtsState(this.#driver, query.version);
      return this.#match(state, query, this.#passing(state, filter));
    });
  }

  /** See `StorageBackend.candidates`. */
  candidates(request: CandidateRequest): Candidates {
    const { versions, vector, fts } = request;
    requireSearchMode(BACKEND_NAME, this.#capabilities, vector?.mode);
    const filter = normalizeFilter(request.filter);
    return this.#driver.readTransaction(() => {
      const states = versions.map((version) => readHybridState(this.#driver, version));
      const profile = states[0]?.profile ?? null;
      if (vector !== null) requireModel(BACKEND_NAME, profile, vector.model);
      checkCandidateRequest(request, profile?.dimension);
      const searched = distinct(states).map((state) => {
        const passing = this.#passing(state, filter);
        return {
          state,
          vector: vector === null ? [] : this.#nearest(state, vector, passing),
          fts: this.#match(state, fts, passing),
        };
      });
      const lists = {
        versionIds: states.map(({ versionId }) => versionId),
        vector: mergeVectorHits(
          searched.map((found) => found.vector),
          vector?.limit ?? 0,
        ),
        fts: mergeFtsHits(
          searched.map((found) => found.fts),
          fts.limit,
        ),
      };
      return completeCandidates(this.#driver, lists, request, (ids) =>
        searched.flatMap((found) =>
          this.#fts.structuralAmong(
            this.#driver,
            found.state,
            searched.length === 1 ? ids : only(ids, found),
          ),
        ),
      );
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

  #nearest(
    { profile, versionId, generations }: VectorState,
    { values, limit, mode = 'exact' }: Pick<AskedVector, 'values' | 'limit' | 'mode'>,
    passing: ReadonlySet<ChunkId> | null,
  ): VectorHit[] {
    if (profile === null || versionId === null || limit === 0 || passing?.size === 0) return [];
    const search = this.#modes[mode] ?? this.#modes.exact;
    return search(profile, { versionId, vector: values, limit, passing, generations });
  }

  #match(
    { versionId, records }: FtsState,
    query: Omit<FtsQuery, 'version'>,
    passing: ReadonlySet<ChunkId> | null,
  ): FtsHit[] {
    return versionId === null ? [] : this.#fts.match(this.#driver, { versionId, records }, query, passing);
  }

  /** Returns the chunks that pass a filter; null without one. */
  #passing({ versionId, records }: FtsState, filter: NormalFilter | null): ReadonlySet<ChunkId> | null {
    if (filter === null || versionId === null) return null;
    return this.#fts.passing(this.#driver, { versionId, records }, filter);
  }
}

type AskedVector = NonNullable<CandidateRequest['vector']>;

/** State of a version that exists. */
type KnownState = VectorState & FtsState & FtsVersion;

/** Returns the state of each version once, without unknown ones. */
function distinct(states: readonly (VectorState & FtsState)[]): readonly KnownState[] {
  const byId = new Map<VersionId, KnownState>();
  for (const state of states) {
    const { versionId } = state;
    if (versionId !== null) byId.set(versionId, { ...state, versionId });
  }
  return [...byId.values()];
}

/** Returns those of the chunks that are in the lists of a version. */
function only(ids: readonly ChunkId[], lists: Pick<Candidates, 'vector' | 'fts'>): ChunkId[] {
  const own = new Set([...lists.vector, ...lists.fts].map(({ chunkId }) => chunkId));
  return ids.filter((id) => own.has(id));
}
