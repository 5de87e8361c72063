import { fts5AnyOf } from '@switchyard/fts-text';

/** Part of a long query: a disjunction of phrases, each with the number of its occurrences in the query. */
export interface QueryPart {
  readonly expression: string;
  readonly times: number;
}

/** Maximum number of words passed to FTS5 in one query. */
export const MAX_WORDS_AT_ONCE = 64;

/**
 * Splits a long query into parts whose scores add up to that of the whole: bm25 is a sum over the phrases of a query,
 * and a repeated phrase counts repeatedly. FTS5 takes time quadratic in the number of phrases (minutes for a pasted
 * page); the parts together take linear time.
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
  const parts: QueryPart[] = [{ expression: fts5AnyOf([words.join(' ')]), times: 1 }];
  for (const [count, group] of byTimes) {
    for (let at = 0; at < group.length; at += MAX_WORDS_AT_ONCE) {
      parts.push({ expression: fts5AnyOf(group.slice(at, at + MAX_WORDS_AT_ONCE)), times: count });
    }
  }
  return parts;
}
