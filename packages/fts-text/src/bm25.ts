import type { FtsWeights } from '@switchyard/storage-core';
import { columnOf, FTS_COLUMNS } from './places.js';

/** Constants of FTS5's bm25 (S. Robertson and H. Zaragoza, The Probabilistic Relevance Framework, 2009). */
const K1 = 1.2;
const B = 0.75;

/** Inverse document frequency of a phrase that occurs in half of the chunks or more. */
export const MIN_IDF = 1e-6;

/**
 * Returns the inverse document frequency of a phrase.
 *
 * @param chunks Number of chunks in the store.
 * @param found Number of chunks in the store that contain the phrase.
 *
 * @example
 * ```ts
 * bm25Idf(100, 3); // 3.32…
 * bm25Idf(100, 80); // 0.000001
 * ```
 */
export function bm25Idf(chunks: number, found: number): number {
  const idf = Math.log((chunks - found + 0.5) / (found + 0.5));
  return idf > 0 ? idf : MIN_IDF;
}

/**
 * Returns what a phrase adds to the score of a chunk. The operations and their order are those of FTS5, so the score is
 * the same to the last bit if the `idf` is.
 *
 * @param frequency Occurrences of the phrase, weighted by column: see {@link weightedFrequency}.
 * @param length Number of tokens of the chunk, in all columns.
 * @param averageLength Average length of the chunks in the store.
 */
export function bm25Share(idf: number, frequency: number, length: number, averageLength: number): number {
  return idf * ((frequency * (K1 + 1)) / (frequency + K1 * (1 - B + (B * length) / averageLength)));
}

/** Returns the number of occurrences of a phrase in a chunk, each counted with the weight of its column. */
export function weightedFrequency(places: readonly number[], weights: FtsWeights): number {
  let sum = 0;
  for (const place of places) sum += weights[FTS_COLUMNS[columnOf(place)] as keyof FtsWeights];
  return sum;
}
