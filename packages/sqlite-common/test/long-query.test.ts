import { describe, expect, it } from 'vitest';
import { MAX_WORDS_AT_ONCE, toParts } from '../src/fts/long-query.js';

describe('toParts', () => {
  it('contain every word as often as the query, and the phrase of all words once', () => {
    const words = ['a', 'b', 'a', 'c', 'a', 'b'];
    expect(toParts(words)).toEqual([
      { expression: '"a b a c a b"', times: 1 },
      { expression: '"a"', times: 3 },
      { expression: '"b"', times: 2 },
      { expression: '"c"', times: 1 },
    ]);
  });

  it('never contain more words than FTS5 can handle quickly', () => {
    const words = Array.from({ length: 1000 }, (_, i) => `w${i}`);
    const [, ...parts] = toParts(words);
    const sizes = parts.map(({ expression }) => expression.split(' OR ').length);
    expect(Math.max(...sizes)).toBe(MAX_WORDS_AT_ONCE);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(1000);
  });
});
