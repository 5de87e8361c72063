import { anyOf } from './expression.js';

/** Part of a long query: a disjunction of phrases, each with the number of its occurrences in the query. */
export interface QueryPart {
  readonly expression: string;
  readonly times: number;
}

/** The most words of a query that FTS5 is given at once. */
export const MAX_WORDS_AT_ONCE = 64;

/**
 * Cuts a query of many words into parts whose scores add up to that of the whole: bm25 is a sum over the phrases of a
 * query, and a phrase that is repeated counts as often. FTS5 takes time that grows with the square of the number of
 * phrases, minutes for a pasted page; the parts together take time that grows with the number itself.
 */
export function toParts(words: readonly string[]): QueryPart[] {
  const times = new Map<string, number>();
  for (const word of words) times.set(word, (times.get(word) ?? 0) + 1);
  const byTimes = new Map<number, string[]>();
  for (const [word, count] of times) {
    const group = byTimes.get(count);
    if (group === undefined) byTimes.set(count, [word]);
    else group.push(word);
  }
  const parts: QueryPart[] = [{ expression: anyOf([words.join(' ')]), times: 1 }];
  for (const [count, group] of byTimes) {
    for (let at = 0; at < group.length; at += MAX_WORDS_AT_ONCE) {
      parts.push({ expression: anyOf(group.slice(at, at + MAX_WORDS_AT_ONCE)), times: count });
    }
  }
  return parts;
}
