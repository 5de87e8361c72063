import type { Dataset, JudgedQuery } from '@switchyard/search-evaluation';
import {
  type DocumentStore,
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

/** How lists are made. */
export interface ListOptions {
  readonly mode?: SearchMode | undefined;
  readonly weights?: FtsWeights | undefined;
}

/** Longest lists of all variants: limit 30 × over-fetch 8, and × 10 for vectors. */
const WORDS = 240;
const VECTORS = 2_400;

/** Gets both lists of every query from the ports of a store. */
export async function gatherLists(
  { backend }: DocumentStore,
  dataset: Dataset,
  embedder: CachedEmbedder,
  { mode, weights }: ListOptions = {},
): Promise<CandidateLists[]> {
  const lists: CandidateLists[] = [];
  for (const query of dataset.queries) {
    const version = { library: query.library, version: query.version ?? '' };
    const [values] = await embedder.embed([query.text]);
    if (values === undefined) throw new Error('The embedder returned no vector.');
    const vector = await backend.vectors.nearest({ version, vector: values, limit: VECTORS, mode });
    const words = await backend.fts.match({
      version,
      terms: parseSearchText(query.text),
      limit: WORDS,
      weights,
    });
    const ids = [...new Set([...vector, ...words].map(({ chunkId }) => chunkId))];
    const rows = await backend.catalog.chunks(ids);
    lists.push({
      query,
      vector,
      words,
      urls: new Map(rows.map(({ id, url }) => [id, url])),
      structural: new Set(rows.filter(({ metadata }) => isStructural(metadata)).map(({ id }) => id)),
    });
  }
  return lists;
}
