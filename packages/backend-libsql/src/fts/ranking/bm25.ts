import { bm25Share } from '@switchyard/fts-text';
import type { ChunkId } from '@switchyard/storage-core';
import type { FtsHit } from '@switchyard/storage-core/backend';
import type { Averages } from '../postings/fts5-records.js';
import { seek } from '../postings/phrase.js';
import type { ColumnWeights, Postings } from '../postings/postings.js';
import type { VersionTexts } from './version-texts.js';

/** Phrase of a query with its inverse document frequency. */
export interface WeighedPhrase {
  readonly postings: Postings;
  readonly idf: number;
}

/**
 * Returns the bm25 scores of the texts of a version, by id − first; 0 for a text without any of the phrases. Does the same
 * operations in the same order as the engine's bm25(), so the scores are the same to the last bit.
 */
export function scoreTexts(
  phrases: readonly WeighedPhrase[],
  { first, last, lengths }: VersionTexts,
  averages: Averages,
  weights: ColumnWeights,
): Float64Array {
  const averageLength = averages.tokens / averages.rows;
  const scores = new Float64Array(lengths.length);
  for (const { postings, idf } of phrases) {
    const { ids } = postings;
    const frequencies = postings.frequencies(weights);
    const end = seek(ids, 0, last + 1);
    for (let at = seek(ids, 0, first); at < end; at++) {
      const text = (ids[at] as number) - first;
      const frequency = frequencies[at] as number;
      const length = lengths[text] as number;
      scores[text] = (scores[text] as number) + bm25Share(idf, frequency, length, averageLength);
    }
  }
  return scores;
}

/** Options of {@link bestTexts}. */
interface BestTextsOptions {
  readonly limit: number;
  readonly excludeStructural: boolean;
  /** Chunks that may be hits; null for all. */
  readonly passing: ReadonlySet<ChunkId> | null;
}

/** Returns the best texts by descending score, ties by id. */
export function bestTexts(
  scores: Float64Array,
  { first, structural }: VersionTexts,
  { limit, excludeStructural, passing }: BestTextsOptions,
): FtsHit[] {
  const best: FtsHit[] = [];
  let least = 0;
  for (let text = 0; text < scores.length; text++) {
    const score = scores[text] as number;
    // NaN, the score of ids outside of the version, compares false. A later text of equal score has the larger id.
    if (!(score > least) || (excludeStructural && structural[text] === 1)) continue;
    if (passing !== null && !passing.has(first + text)) continue;
    insert(best, { chunkId: first + text, score }, limit);
    if (best.length === limit) least = (best[limit - 1] as FtsHit).score;
  }
  return best;
}

function insert(best: FtsHit[], hit: FtsHit, limit: number): void {
  let low = 0;
  let high = best.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((best[middle] as FtsHit).score >= hit.score) low = middle + 1;
    else high = middle;
  }
  best.splice(low, 0, hit);
  if (best.length > limit) best.pop();
}
