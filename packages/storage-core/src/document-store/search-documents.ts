import { embedTexts, fit } from '../embedding/embed-texts.js';
import type { Embedder } from '../embedding/embedder.js';
import type { StorageBackend } from '../ports/backend.js';
import { resolveFusion } from '../search/fusion.js';
import { searchFts, searchHybrid } from '../search/hybrid-search.js';
import { parseSearchText } from '../search/search-text.js';
import type { EmbeddingProfile } from '../values/profile.js';
import { checkSearch } from './check-search-options.js';
import { toChunk } from './to-chunk.js';
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

/** Maximum number of hits of a search that names none. */
export const DEFAULT_LIMIT = 5;

/** Maximum number of candidates; larger limits request all. */
const MAX_CANDIDATES = Number.MAX_SAFE_INTEGER;

/** Implements `DocumentStore.search`. */
export async function searchDocuments(
  store: SearchedStore,
  version: { readonly library: string; readonly version: string },
  text: string,
  options: SearchOptions,
): Promise<SearchHit[]> {
  checkSearch(text, options);
  const { limit = DEFAULT_LIMIT, overfetchFactor = 2, vectorMultiplier = 10, ftsWeights: weights } = options;
  if (limit === 0 || text.trim() === '') return [];
  const terms = parseSearchText(text);
  const vector = await queryVector(store, text, options);
  const overfetch = Math.min(Math.max(1, Math.ceil(limit * overfetchFactor)), MAX_CANDIDATES);
  const found =
    vector === null
      ? await searchFts(store.backend, { version, terms, limit, weights }, options)
      : await searchHybrid(
          store.backend,
          {
            version,
            vector: {
              values: vector,
              limit: Math.min(Math.ceil(overfetch * vectorMultiplier), MAX_CANDIDATES),
              mode: options.mode,
              model: store.profile?.model,
            },
            fts: { terms, limit: overfetch, weights },
            fusion: { ...resolveFusion(options.fusion), limit },
          },
          options,
        );
  return found.map(({ chunk, score, vecRank, ftsRank }) => ({
    ...toChunk(chunk),
    score,
    ...(vecRank === undefined ? {} : { vecRank }),
    ...(ftsRank === undefined ? {} : { ftsRank }),
  }));
}

async function queryVector(
  { profile, embedding }: SearchedStore,
  text: string,
  options: SearchOptions,
): Promise<Float32Array | null> {
  if (options.vector !== undefined) {
    return profile === null ? options.vector : fit(options.vector, profile.dimension, 'the query');
  }
  if (embedding === null) return null;
  const input = { text, url: 'the query' };
  const [vector] = await embedTexts(embedding.embedder, [input], embedding.dimension, options);
  return vector ?? null;
}
