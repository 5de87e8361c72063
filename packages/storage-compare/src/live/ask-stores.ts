import { ChunkTable } from '../run/chunk-table.js';
import { searchOnce } from '../run/timed-searches.js';
import type { Answer, ComparedChunk, ComparedStore, CompareQuery } from '../types.js';

/** Answers of all stores to one query. */
export interface LiveAnswer {
  readonly answers: readonly Answer[];
  readonly chunks: readonly ComparedChunk[];
}

/** Asks all stores one query, one after the other so that none slows another down. */
export async function askStores(
  stores: readonly ComparedStore[],
  query: CompareQuery,
  signal?: AbortSignal,
): Promise<LiveAnswer> {
  const table = new ChunkTable();
  const answers: Answer[] = [];
  for (const [index, store] of stores.entries()) {
    const { hits, error, milliseconds } = await searchOnce(store, index, query, signal);
    answers.push({ hits: table.add(hits), error, milliseconds: [milliseconds], recall: null });
  }
  return { answers, chunks: table.chunks };
}
