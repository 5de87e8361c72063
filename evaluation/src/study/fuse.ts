import { toPages } from '@switchyard/search-evaluation';
import type { CandidateLists } from './lists.js';

/** A way of making one ranking of two lists. */
export interface Variant {
  readonly rule: 'ranked-union' | 'reciprocal-rank';
  /** Constant of reciprocal rank fusion. Default 60. */
  readonly constant?: number;
  /** Default 1; 0 leaves the list out. */
  readonly vectorWeight?: number;
  readonly ftsWeight?: number;
  /** Length of the full-text list as a multiple of the limit. Default 2. */
  readonly overfetch?: number;
  /** Length of the vector list as a multiple of the full-text list. Default 10. */
  readonly vectorMultiplier?: number;
}

const LIMIT = 30;

/**
 * Ranks the pages of a query. Written again here because storage-core does not offer other constants; the study checks
 * that the default variant gives exactly what `DocumentStore.search` gives.
 */
export function rankPages(lists: CandidateLists, variant: Variant): string[] {
  const {
    rule,
    constant = 60,
    vectorWeight = 1,
    ftsWeight = 1,
    overfetch = 2,
    vectorMultiplier = 10,
  } = variant;
  const length = Math.max(1, Math.ceil(LIMIT * overfetch));
  const vector = ftsOnly(variant) ? [] : lists.vector.slice(0, Math.ceil(length * vectorMultiplier));
  const words = vectorWeight > 0 && ftsWeight === 0 ? [] : lists.words.slice(0, length);
  const scores = {
    vector: new Map<number, number>(vector.map(({ chunkId, distance }) => [chunkId, 1 / (1 + distance)])),
    words: new Map<number, number>(words.map(({ chunkId, score }) => [chunkId, score])),
  };
  const candidates = [...new Set<number>([...scores.vector.keys(), ...scores.words.keys()])].filter(
    (id) => !lists.structural.has(id),
  );
  const absent = rule === 'ranked-union' ? 0 : undefined;
  const places = {
    vector: rank(candidates, scores.vector, absent),
    words: rank(candidates, scores.words, absent),
  };
  const share = (weight: number, place: number | undefined) =>
    place === undefined ? 0 : weight / (constant + place);
  const hits = candidates
    .map((id) => ({
      id,
      url: lists.urls.get(id) ?? '',
      score: share(vectorWeight, places.vector.get(id)) + share(ftsWeight, places.words.get(id)),
    }))
    .sort((a, b) => b.score - a.score || a.id - b.id)
    .slice(0, LIMIT);
  return toPages(hits).map(({ document }) => document);
}

function ftsOnly({ vectorWeight, ftsWeight = 1 }: Variant): boolean {
  return vectorWeight === 0 && ftsWeight > 0;
}

function rank(
  candidates: readonly number[],
  scores: ReadonlyMap<number, number>,
  absent: number | undefined,
) {
  const scored = candidates.flatMap((id) => {
    const score = scores.get(id) ?? absent;
    return score === undefined ? [] : [{ id, score }];
  });
  scored.sort((a, b) => b.score - a.score || a.id - b.id);
  return new Map(scored.map(({ id }, index) => [id, index + 1]));
}
