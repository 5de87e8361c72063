import { parseSearchText } from '@switchyard/storage-core';
import { expect, it } from 'vitest';

it.each([
  ['how do I register', ['how', 'do', 'I', 'register']],
  ['"reply.send" streams', ['reply.send', 'streams']],
  ['"cookie jar" OR cookies', ['cookie jar', 'OR', 'cookies']],
  ['an "unclosed phrase here', ['an', 'unclosed phrase here']],
  ['NEAR(a b) NOT c*', ['NEAR(a', 'b)', 'NOT', 'c*']],
  ['""', []],
  ['" "', []],
  ['   ', []],
  ['', []],
  ['a\0b', ['a', 'b']],
  ['tab\tor\nline stay', ['tab\tor\nline', 'stay']],
  ['no\u00a0break and\u3000wide', ['no\u00a0break', 'and\u3000wide']],
  ['blank \t term', ['blank', 'term']],
  ['日本語 emoji 😀', ['日本語', 'emoji', '😀']],
])('%j is split into %j', (text, terms) => {
  expect(parseSearchText(text)).toEqual(terms);
});
