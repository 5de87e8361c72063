import { isStorageError } from '@switchyard/storage-core';
import { quantile } from '../statistics/intervals.js';
import type { ComparedStore, CompareQuery, RecallSummary } from '../types.js';
import { recallOf, type Truth } from './exact-neighbors.js';
import { placeOf } from './keys.js';
import { padded } from './raw-lists.js';

/**
 * Measures the vector search of a store against the exactly nearest chunks. Not timed.
 *
 * @returns The recall of each query; null for those without a truth or whose search fails.
 */
export async function measureRecall(
  compared: ComparedStore,
  index: number,
  queries: readonly CompareQuery[],
  truths: ReadonlyMap<number, Truth>,
  signal: AbortSignal | undefined,
): Promise<(number | null)[]> {
  const { backend, profile } = compared.store;
  const recalls: (number | null)[] = [];
  for (const [at, query] of queries.entries()) {
    signal?.throwIfAborted();
    const [truth, vector] = [truths.get(at), query.vectors[index] ?? null];
    if (truth === undefined || vector === null || profile === null) {
      recalls.push(null);
      continue;
    }
    try {
      const nearest = await backend.vectors.nearest(
        {
          version: { library: query.library, version: query.version },
          vector: padded(vector, profile.dimension),
          limit: query.limit,
          mode: compared.mode,
          model: profile.model,
        },
        { signal },
      );
      const rows =
        nearest.length === 0 ? [] : await backend.catalog.chunks(nearest.map((hit) => hit.chunkId));
      recalls.push(
        recallOf(
          truth,
          rows.map(({ url, sortOrder }) => placeOf(url, sortOrder)),
        ),
      );
    } catch (error) {
      // The search itself failed as well, which is counted as an error.
      if (!isStorageError(error)) throw error;
      signal?.throwIfAborted();
      recalls.push(null);
    }
  }
  return recalls;
}

/** Summarizes recalls; null without any. */
export function summarizeRecall(recalls: readonly (number | null)[]): RecallSummary | null {
  const known = recalls.flatMap((recall, query) => (recall === null ? [] : [{ recall, query }]));
  const first = known[0];
  if (first === undefined) return null;
  const values = known.map(({ recall }) => recall);
  const worst = known.reduce((lowest, one) => (one.recall < lowest.recall ? one : lowest), first);
  return {
    queries: known.length,
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    p5: quantile(values, 0.05),
    worst: worst.recall,
    worstQuery: worst.query,
  };
}
