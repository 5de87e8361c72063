import type { Dataset, JudgedQuery } from '@switchyard/search-evaluation';
import {
  type DocumentStore,
  embedQuery,
  type FtsWeights,
  parseSearchText,
  type SearchMode,
} from '@switchyard/storage-core';
import { type FtsHit, isStructural, type VectorHit } from '@switchyard/storage-core/backend';
import type { CachedEmbedder } from '../corpus/cached-embedder.js';

/** Both candidate lists of a query, longer than any variant needs. */
export interface CandidateLists {
  readonly query: JudgedQuery;
  readonly vector: readonly VectorHit[];
  readonly words: readonly FtsHit[];
  /** URL of the page of every candidate. */
  readonly urls: ReadonlyMap<number, string>;
  /** Candidates that only give structure. */
  readonly structural: ReadonlySet<number>;
}

/** Options of {@link gatherLists}. */
export interface ListOptions {
  readonly mode?: SearchMode | undefined;
}

/** Longest lists of all variants: limit 30 × over-fetch 8, and × 10 for vectors. */
const WORDS = 240;
const VECTORS = 2_400;

/** Gets both lists of every query from the ports of a store. */
export async function gatherLists(
  { backend }: DocumentStore,
  dataset: Dataset,
  embedder: CachedEmbedder,
  { mode }: ListOptions = {},
): Promise<CandidateLists[]> {
  const lists: CandidateLists[] = [];
  const urls = new Map<number, string>();
  const structural = new Set<number>();
  for (const query of dataset.queries) {
    const version = { library: query.library, version: query.version ?? '' };
    const values = await embedQuery(embedder, query.text);
    const vector = await backend.vectors.nearest({ version, vector: values, limit: VECTORS, mode });
    const words = await backend.fts.match({ version, terms: parseSearchText(query.text), limit: WORDS });
    const unknown = [...vector, ...words].map(({ chunkId }) => chunkId).filter((id) => !urls.has(id));
    for (const { id, url, metadata } of await backend.catalog.chunks([...new Set(unknown)])) {
      urls.set(id, url);
      if (isStructural(metadata)) structural.add(id);
    }
    lists.push({ query, vector, words, urls, structural });
  }
  return lists;
}

/** Replaces the full-text lists by those of other weights. */
export async function withWeights(
  { backend }: DocumentStore,
  lists: readonly CandidateLists[],
  weights: FtsWeights,
): Promise<CandidateLists[]> {
  return Promise.all(
    lists.map(async (list) => {
      const { library, version, text } = list.query;
      const terms = parseSearchText(text);
      const ref = { library, version: version ?? '' };
      const words = await backend.fts.match({ version: ref, terms, limit: WORDS, weights });
      return { ...list, words: words.filter(({ chunkId }) => list.urls.has(chunkId)) };
    }),
  );
}
