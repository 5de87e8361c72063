import { isStorageError, type SearchHit } from '@switchyard/storage-core';
import { nextTurn } from '@switchyard/storage-core/backend';
import type { ComparedStore, CompareQuery } from '../types.js';

/** Answer of one store to one query, and the time of each repetition. */
export interface TimedAnswer {
  hits: readonly SearchHit[];
  error: { readonly code: string; readonly message: string } | null;
  readonly milliseconds: number[];
}

/** Settings of {@link searchInterleaved}. */
export interface TimedSettings {
  readonly repeat: number;
  readonly warmUp: number;
  readonly signal: AbortSignal | undefined;
  readonly onStep: (searches: number) => void;
}

/**
 * Asks all stores all queries. After a warm-up, each query goes to all stores before the next one, a different store
 * first each time, so that a disturbance of the machine affects all of them alike.
 *
 * @returns For each query, the answer of each store.
 */
export async function searchInterleaved(
  stores: readonly ComparedStore[],
  queries: readonly CompareQuery[],
  { repeat, warmUp, signal, onStep }: TimedSettings,
): Promise<TimedAnswer[][]> {
  for (const query of queries.slice(0, warmUp)) {
    for (const index of stores.keys()) await searchOnce(stores[index] as ComparedStore, index, query, signal);
  }
  const answers = queries.map(() =>
    stores.map((): TimedAnswer => ({ hits: [], error: null, milliseconds: [] })),
  );
  for (let round = 0; round < repeat; round++) {
    for (const [at, query] of queries.entries()) {
      for (let turn = 0; turn < stores.length; turn++) {
        const index = (turn + at + round) % stores.length;
        const answer = answers[at]?.[index] as TimedAnswer;
        const { hits, error, milliseconds } = await searchOnce(
          stores[index] as ComparedStore,
          index,
          query,
          signal,
        );
        // An error of any repetition is one of the store.
        answer.error ??= error;
        if (error === null) answer.milliseconds.push(milliseconds);
        if (round === 0) answer.hits = hits;
      }
      onStep(stores.length);
      if (at % 16 === 0) await nextTurn();
    }
  }
  return answers;
}

/** Asks one store one query. Everything but an interruption is an answer. */
export async function searchOnce(
  { store, mode }: ComparedStore,
  index: number,
  { library, version, text, limit, vectors }: CompareQuery,
  signal: AbortSignal | undefined,
): Promise<{ hits: readonly SearchHit[]; error: TimedAnswer['error']; milliseconds: number }> {
  signal?.throwIfAborted();
  const vector = vectors[index] ?? undefined;
  const began = performance.now();
  try {
    const hits = await store.search(library, version, text, { limit, vector, mode, signal });
    return { hits, error: null, milliseconds: performance.now() - began };
  } catch (error) {
    signal?.throwIfAborted();
    const milliseconds = performance.now() - began;
    const code = isStorageError(error) ? error.code : 'UNEXPECTED';
    const message = error instanceof Error ? error.message : String(error);
    return { hits: [], error: { code, message }, milliseconds };
  }
}
