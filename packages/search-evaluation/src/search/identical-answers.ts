import type { QueryAnswer } from './search-queries.js';

/** First difference of the answers to a query. */
export interface AnswerDifference {
  /** Id of the query. */
  readonly id: string;
  /** First rank at which the answers differ, from 1. */
  readonly rank: number;
  /** Chunk at that rank in either store, as `URL chunk N, vector #A, full-text #B`; null behind the last one. */
  readonly a: string | null;
  readonly b: string | null;
}

/**
 * Compares the answers of two stores of the same content chunk by chunk: pages, positions in the page, and ranks in both
 * lists must be equal at every rank. In exact mode two backends must agree in all of them, so no statistics are needed.
 *
 * @returns Queries whose answers differ; empty for identical stores.
 */
export function differingAnswers(a: readonly QueryAnswer[], b: readonly QueryAnswer[]): AnswerDifference[] {
  const others = new Map(b.map(({ id, hits }) => [id, hits]));
  return a.flatMap(({ id, hits }) => {
    const [left, right] = [hits.map(describe), (others.get(id) ?? []).map(describe)];
    const count = Math.max(left.length, right.length);
    const index = Array.from({ length: count }).findIndex((_, at) => left[at] !== right[at]);
    return index === -1 ? [] : [{ id, rank: index + 1, a: left[index] ?? null, b: right[index] ?? null }];
  });
}

function describe({ url, sortOrder, vecRank, ftsRank }: QueryAnswer['hits'][number]): string {
  const ranks = [
    vecRank === undefined ? '' : `, vector #${vecRank}`,
    ftsRank === undefined ? '' : `, full-text #${ftsRank}`,
  ];
  return `${url} chunk ${sortOrder + 1}${ranks.join('')}`;
}
