import type { ChunkId, FtsWeights } from '@switchyard/storage-core';
import { defaultFtsWeights, type FtsHit } from '@switchyard/storage-core/backend';
import { bm25Idf, bm25Share, weightedFrequency } from './bm25.js';
import type { IndexedText, TermPlaces } from './index-text.js';
import { findPhrase } from './places.js';
import { type FtsPlan, planFtsQuery } from './query.js';

/** Row of an index: a term of a chunk and where it is. */
export interface Posting extends TermPlaces {
  readonly chunkId: ChunkId;
}

/** Sums over all chunks of a store. */
export interface FtsTotals {
  /** Number of chunks. */
  readonly chunks: number;
  /** Number of their tokens: the sum of {@link IndexedText.length}. */
  readonly tokens: number;
}

/** Everything that decides a ranking. */
export interface RankRequest {
  readonly plan: FtsPlan;
  /** Postings of the terms of the plan, in any order. Those of other terms are ignored. */
  readonly postings: Iterable<Posting>;
  /** Token counts of the chunks that may be hits: those of the version that pass the filter of the query. */
  readonly lengths: ReadonlyMap<ChunkId, number>;
  readonly totals: FtsTotals;
  /** Maximum number of hits. */
  readonly limit: number;
  /** Weights of the columns. Default {@link defaultFtsWeights}. */
  readonly weights?: FtsWeights | undefined;
  /**
   * Number of chunks of the store that contain each phrase of the plan, in its order. Default: counted from `postings`,
   * which then have to be those of all chunks of the store.
   */
  readonly counts?: readonly number[] | undefined;
}

/** Places of a phrase by chunk. */
type PhrasePlaces = ReadonlyMap<ChunkId, readonly number[]>;

/**
 * Returns the best hits and their scores as FTS5's bm25 does, by descending score, equal scores by chunk id.
 *
 * @example
 * ```ts
 * const plan = planFtsQuery(['routes']);
 * const postings: Posting[] = [{ term: 'rout', chunkId: 7, places: [0, 3] }]; // of all versions
 * const lengths = new Map([[7, 40]]);
 * const hits = rankPostings({ plan, postings, lengths, totals: { chunks: 1200, tokens: 98_000 }, limit: 10 });
 * ```
 */
export function rankPostings(request: RankRequest): FtsHit[] {
  const { plan, lengths, totals, limit, weights = defaultFtsWeights } = request;
  const averageLength = totals.tokens / totals.chunks;
  const scores = new Map<ChunkId, number>();
  for (const [index, found] of findPhrases(plan, request.postings).entries()) {
    const idf = bm25Idf(totals.chunks, request.counts?.[index] ?? found.size);
    for (const [chunkId, places] of found) {
      const length = lengths.get(chunkId);
      if (length === undefined) continue;
      const share = bm25Share(idf, weightedFrequency(places, weights), length, averageLength);
      scores.set(chunkId, (scores.get(chunkId) ?? 0) + share);
    }
  }
  return [...scores]
    .map(([chunkId, score]) => ({ chunkId, score }))
    .sort((a, b) => b.score - a.score || a.chunkId - b.chunkId)
    .slice(0, limit);
}

/** A chunk in memory, for {@link rankTexts}. */
export interface RankedText {
  readonly chunkId: ChunkId;
  readonly indexed: IndexedText;
  /** True if the chunk may be a hit; others only count for the rarity of words. */
  readonly isWanted: boolean;
}

/**
 * Returns the best hits among chunks whose terms are in memory: see {@link rankPostings}. Takes time in proportion to the
 * size of the store.
 *
 * @param texts All chunks of the store.
 *
 * @example
 * ```ts
 * const texts = ['one', 'two'].map((content, index) => ({
 *   chunkId: index + 1,
 *   indexed: indexText({ content, url: '/numbers', path: [] }),
 *   isWanted: true,
 * }));
 * rankTexts(['two'], texts, { limit: 5 }); // [{ chunkId: 2, score: … }]
 * ```
 */
export function rankTexts(
  terms: readonly string[],
  texts: Iterable<RankedText>,
  { limit, weights }: Pick<RankRequest, 'limit' | 'weights'>,
): FtsHit[] {
  const plan = planFtsQuery(terms);
  const wanted = new Set(plan.terms);
  const postings: Posting[] = [];
  const lengths = new Map<ChunkId, number>();
  const totals = { chunks: 0, tokens: 0 };
  for (const { chunkId, indexed, isWanted } of texts) {
    totals.chunks += 1;
    totals.tokens += indexed.length;
    if (isWanted) lengths.set(chunkId, indexed.length);
    for (const { term, places } of indexed.terms) {
      if (wanted.has(term)) postings.push({ chunkId, term, places });
    }
  }
  return rankPostings({ plan, postings, lengths, totals, limit, weights });
}

/**
 * Counts the chunks that contain each phrase of a plan, in its order.
 *
 * A database counts the chunks of a single term by itself. For the phrases of several terms it needs the postings of the
 * chunks that contain all of them.
 */
export function countPhrases(plan: FtsPlan, postings: Iterable<Posting>): number[] {
  return findPhrases(plan, postings).map(({ size }) => size);
}

function findPhrases({ phrases, terms }: FtsPlan, postings: Iterable<Posting>): PhrasePlaces[] {
  const byTerm = new Map(terms.map((term) => [term, new Map<ChunkId, readonly number[]>()]));
  for (const { term, chunkId, places } of postings) byTerm.get(term)?.set(chunkId, places);
  return phrases.map((phrase) => {
    const lists = phrase.map((term) => byTerm.get(term) as PhrasePlaces);
    return lists.length === 1 ? (lists[0] as PhrasePlaces) : phraseOf(lists);
  });
}

function phraseOf(terms: readonly PhrasePlaces[]): PhrasePlaces {
  const rarest = terms.reduce((rare, term) => (term.size < rare.size ? term : rare));
  const found = new Map<ChunkId, readonly number[]>();
  for (const chunkId of rarest.keys()) {
    if (!terms.every((term) => term.has(chunkId))) continue;
    const places = findPhrase(terms.map((term) => term.get(chunkId) as readonly number[]));
    if (places.length > 0) found.set(chunkId, places);
  }
  return found;
}
