import type { ChunkId, FtsWeights } from '@switchyard/storage-core';
import type { FtsHit } from '@switchyard/storage-core/backend';
import type { StoredChunk } from './tables.js';
import { tokenize } from './tokenizer.js';

const K1 = 1.2;
const B = 0.75;
/** FTS5's replacement for an inverse document frequency that is not positive. */
const MIN_IDF = 1e-6;

/**
 * Scores chunks with FTS5's bm25 (S. Robertson and H. Zaragoza, The Probabilistic Relevance Framework, 2009): column
 * weights multiply the frequencies, the length is that of all columns together, and the rarity of a phrase is counted
 * over the whole store.
 *
 * @param chunks All chunks of the store.
 * @param isWanted Selects the chunks that may be hits.
 */
export function bm25(
  chunks: readonly StoredChunk[],
  terms: readonly string[],
  weights: FtsWeights,
  isWanted: (chunk: StoredChunk) => boolean,
): FtsHit[] {
  const phrases = phrasesOf(terms);
  const columnWeights = [weights.content, weights.title, weights.url, weights.path];
  const averageLength = chunks.reduce((sum, chunk) => sum + length(chunk), 0) / chunks.length;
  const scores = new Map<ChunkId, number>();
  for (const phrase of phrases) {
    const found = new Map<StoredChunk, number>();
    for (const chunk of chunks) {
      const counts = chunk.columns.map((tokens) => occurrences(tokens, phrase));
      if (counts.some((count) => count > 0)) {
        found.set(
          chunk,
          counts.reduce((sum, count, column) => sum + count * (columnWeights[column] ?? 0), 0),
        );
      }
    }
    const idf = Math.log((chunks.length - found.size + 0.5) / (found.size + 0.5));
    for (const [chunk, frequency] of found) {
      if (!isWanted(chunk)) continue;
      const share =
        ((idf > 0 ? idf : MIN_IDF) * (frequency * (K1 + 1))) /
        (frequency + K1 * (1 - B + (B * length(chunk)) / averageLength));
      scores.set(chunk.id, (scores.get(chunk.id) ?? 0) + share);
    }
  }
  return [...scores]
    .map(([chunkId, score]) => ({ chunkId, score }))
    .sort((a, b) => b.score - a.score || a.chunkId - b.chunkId);
}

/** Expands terms to phrases: one term is itself; several are the phrase of all of them and each term alone. */
function phrasesOf(terms: readonly string[]): string[][] {
  const each = terms.map(tokenize);
  const all = each.length > 1 ? [each.flat(), ...each] : each;
  return all.filter((phrase) => phrase.length > 0);
}

/** Counts the occurrences of a phrase in a column; they may overlap. */
function occurrences(tokens: readonly string[], phrase: readonly string[]): number {
  let count = 0;
  for (let at = 0; at + phrase.length <= tokens.length; at++) {
    if (phrase.every((token, offset) => tokens[at + offset] === token)) count += 1;
  }
  return count;
}

function length(chunk: StoredChunk): number {
  return chunk.columns.reduce((sum, tokens) => sum + tokens.length, 0);
}
