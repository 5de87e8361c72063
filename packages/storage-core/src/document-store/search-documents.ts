import { embedQuery } from '../embedding/embed-query.js';
import type { Embedder } from '../embedding/embedder.js';
import { fitVector } from '../embedding/fit-vector.js';
import type { StorageBackend } from '../ports/backend.js';
import { requireSearchMode } from '../runtime/capability-guard.js';
import { resolveFusion } from '../search/fusion.js';
import { type RankedChunk, searchFts, searchHybrid } from '../search/hybrid-search.js';
import { parseSearchText } from '../search/search-text.js';
import { snippet } from '../search/snippet.js';
import { normalizeLibraryName, normalizeVersionName } from '../values/names.js';
import type { EmbeddingProfile } from '../values/profile.js';
import { checkSearch } from './check-search-options.js';
import { type Rerank, rerankHits, rerankPool } from './rerank.js';
import { toChunk, toChunkId, toContext } from './to-chunk.js';
import type { SearchHit, SearchOptions } from './types.js';

/** Embedder of a store, and the dimension of its vectors. */
export interface StoreEmbedding {
  readonly embedder: Embedder;
  readonly dimension: number;
}

/** Store to search. */
interface SearchedStore {
  readonly backend: StorageBackend;
  readonly profile: EmbeddingProfile | null;
  /** Null if texts cannot be embedded. */
  readonly embedding: StoreEmbedding | null;
  /** Versions that had a vector when they were last searched, as {@link keyOf} names them. */
  readonly withVectors: Set<string>;
  /** Reranker of searches that name none. */
  readonly rerank?: Rerank | undefined;
}

/** A version by its names. */
export interface VersionName {
  /** Name of the library, in any case. */
  readonly library: string;
  /** Name of the version, in any case; empty for the unversioned one. */
  readonly version: string;
}

/** Maximum number of hits of a search that names none. */
export const DEFAULT_LIMIT = 5;

/** Maximum number of candidates; larger limits request all. */
const MAX_CANDIDATES = Number.MAX_SAFE_INTEGER;

/** Implements `DocumentStore.search` and `DocumentStore.searchVersions`. */
export async function searchDocuments(
  store: SearchedStore,
  versions: readonly VersionName[],
  text: string,
  options: SearchOptions,
): Promise<SearchHit[]> {
  checkSearch(text, options);
  const names = distinctNames(versions);
  const { limit = DEFAULT_LIMIT, rerank = store.rerank ?? null } = options;
  if (limit === 0 || text.trim() === '' || names.length === 0) return [];
  const hits =
    rerank === null
      ? await find(store, names, text, { ...options, limit })
      : await findReranked(store, names, text, { ...options, limit, rerank });
  if (options.snippet === undefined || options.snippet === false) return hits;
  const form = options.snippet === true ? {} : options.snippet;
  return hits.map((hit) => ({ ...hit, snippet: snippet(hit.content, text, form) }));
}

async function findReranked(
  store: SearchedStore,
  names: readonly VersionName[],
  text: string,
  options: SearchOptions & { readonly limit: number; readonly rerank: Rerank },
): Promise<SearchHit[]> {
  const { limit, rerank, rerankFrom, context, signal, deadline } = options;
  // Relatives are read for the hits that are left.
  const pool = { ...options, context: undefined, limit: rerankPool(limit, rerankFrom) };
  const found = await find(store, names, text, pool);
  const hits = (await rerankHits(rerank, text, found, { signal, deadline })).slice(0, limit);
  if (context === undefined || hits.length === 0) return hits;
  const chunkIds = hits.flatMap(({ id }) => toChunkId(id) ?? []);
  const relatives = await store.backend.catalog.relatives({ ...context, chunkIds }, { signal, deadline });
  const byId = new Map(relatives.map((one) => [String(one?.chunk.id), one]));
  return hits.flatMap((hit) => {
    const own = byId.get(hit.id);
    return own == null ? [] : [{ ...hit, context: toContext(own) }];
  });
}

async function find(
  store: SearchedStore,
  names: readonly VersionName[],
  text: string,
  options: SearchOptions & { readonly limit: number },
): Promise<SearchHit[]> {
  const { limit, overfetchFactor = 2, vectorMultiplier = 10, ftsWeights: weights, filter, context } = options;
  const terms = parseSearchText(text);
  const vector = await queryVector(store, names, text, options);
  const overfetch = Math.min(Math.max(1, Math.ceil(limit * overfetchFactor)), MAX_CANDIDATES);
  const found =
    vector === null
      ? await searchFts(store.backend, { versions: names, filter, terms, limit, weights, context }, options)
      : await searchHybrid(
          store.backend,
          {
            versions: names,
            filter,
            vector:
              vector === 'no-vectors'
                ? null
                : {
                    values: vector,
                    limit: Math.min(Math.ceil(overfetch * vectorMultiplier), MAX_CANDIDATES),
                    mode: options.mode,
                    model: store.profile?.model,
                  },
            fts: { terms, limit: overfetch, weights },
            fusion: { ...resolveFusion(options.fusion), limit },
            context,
          },
          options,
        );
  const hits = found.flatMap((hit) => {
    const name = names[hit.version];
    return name === undefined ? [] : toHit(hit, name);
  });
  remember(store, names, hits);
  return hits;
}

function toHit(
  { chunk, score, vecRank, ftsRank, distance, ftsScore, relatives }: RankedChunk,
  { library, version }: VersionName,
): SearchHit {
  return {
    ...toChunk(chunk),
    library,
    version,
    score,
    ...(vecRank === undefined ? {} : { vecRank }),
    ...(ftsRank === undefined ? {} : { ftsRank }),
    ...(distance === undefined ? {} : { distance }),
    ...(ftsScore === undefined ? {} : { ftsScore }),
    ...(relatives === undefined ? {} : { context: toContext(relatives) }),
  };
}

/**
 * Returns the vector of a search: null to search by full text only, `no-vectors` if there is none to compare it with.
 * Embedding may cost money, so that is found out first; only that a version has vectors is remembered.
 */
async function queryVector(
  { backend, profile, embedding, withVectors }: SearchedStore,
  versions: readonly VersionName[],
  text: string,
  { vector, mode, signal, deadline }: SearchOptions,
): Promise<Float32Array | 'no-vectors' | null> {
  if (vector !== undefined) {
    if (profile === null) return vector;
    return fitVector(vector, profile.dimension, { what: 'The vector for the query' });
  }
  if (embedding === null) return null;
  if (!versions.some((version) => withVectors.has(keyOf(version)))) {
    requireSearchMode(backend.name, backend.capabilities, mode);
    const asked = { versions, model: profile?.model };
    if (!(await backend.vectors.hasAny(asked, { signal, deadline }))) return 'no-vectors';
  }
  const { embedder, dimension } = embedding;
  return embedQuery(embedder, text, { dimension, signal, deadline });
}

/** Remembers the versions with vectors among the hits; forgets all if there is none, since they may have been deleted. */
function remember(
  { withVectors }: SearchedStore,
  versions: readonly VersionName[],
  hits: readonly SearchHit[],
): void {
  const nearest = hits.filter(({ distance }) => distance !== undefined);
  if (nearest.length === 0) for (const version of versions) withVectors.delete(keyOf(version));
  for (const hit of nearest) withVectors.add(keyOf(hit));
}

/** Key of a version whose names are in stored form. */
function keyOf({ library, version }: VersionName): string {
  return JSON.stringify([library, version]);
}

/** Returns the names in stored form, each version once. @throws TypeError */
function distinctNames(versions: readonly VersionName[]): readonly VersionName[] {
  const byKey = new Map<string, VersionName>();
  for (const { library, version } of versions) {
    const name = { library: normalizeLibraryName(library), version: normalizeVersionName(version) };
    byKey.set(keyOf(name), name);
  }
  return [...byKey.values()];
}
