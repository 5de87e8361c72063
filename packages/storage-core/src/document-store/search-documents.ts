import { embedQuery } from '../embedding/embed-query.js';
import type { Embedder } from '../embedding/embedder.js';
import { fitVector } from '../embedding/fit-vector.js';
import type { StorageBackend } from '../ports/backend.js';
import { resolveFusion } from '../search/fusion.js';
import { type RankedChunk, searchFts, searchHybrid } from '../search/hybrid-search.js';
import { parseSearchText } from '../search/search-text.js';
import { normalizeLibraryName, normalizeVersionName } from '../values/names.js';
import type { EmbeddingProfile } from '../values/profile.js';
import { checkSearch } from './check-search-options.js';
import { toChunk, toContext } from './to-chunk.js';
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
}

/** A version by its names. */
interface VersionName {
  readonly library: string;
  readonly version: string;
}

/** Maximum number of hits of a search that names none. */
export const DEFAULT_LIMIT = 5;

/** Maximum number of candidates; larger limits request all. */
const MAX_CANDIDATES = Number.MAX_SAFE_INTEGER;

/** Implements `DocumentStore.search`. */
export async function searchDocuments(
  store: SearchedStore,
  version: VersionName,
  text: string,
  options: SearchOptions,
): Promise<SearchHit[]> {
  checkSearch(text, options);
  const {
    limit = DEFAULT_LIMIT,
    overfetchFactor = 2,
    vectorMultiplier = 10,
    ftsWeights: weights,
    filter,
    context,
  } = options;
  if (limit === 0 || text.trim() === '') return [];
  const terms = parseSearchText(text);
  const vector = await queryVector(store, text, options);
  const overfetch = Math.min(Math.max(1, Math.ceil(limit * overfetchFactor)), MAX_CANDIDATES);
  const found =
    vector === null
      ? await searchFts(
          store.backend,
          { versions: [version], filter, terms, limit, weights, context },
          options,
        )
      : await searchHybrid(
          store.backend,
          {
            versions: [version],
            filter,
            vector: {
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
  const names = [
    { library: normalizeLibraryName(version.library), version: normalizeVersionName(version.version) },
  ];
  return found.flatMap((hit) => {
    const name = names[hit.version];
    return name === undefined ? [] : toHit(hit, name);
  });
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

async function queryVector(
  { profile, embedding }: SearchedStore,
  text: string,
  options: SearchOptions,
): Promise<Float32Array | null> {
  if (options.vector !== undefined) {
    if (profile === null) return options.vector;
    return fitVector(options.vector, profile.dimension, { what: 'The vector for the query' });
  }
  if (embedding === null) return null;
  const { embedder, dimension } = embedding;
  return embedQuery(embedder, text, { dimension, signal: options.signal, deadline: options.deadline });
}
