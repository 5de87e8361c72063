import { parseMetadata } from '@switchyard/sqlite-common';
import { expect, it } from 'vitest';

it.each([
  ['{"types":["text"],"level":2,"path":["A","B"]}', { types: ['text'], level: 2, path: ['A', 'B'] }],
  ['{"level":2,"page":7}', { types: [], level: 2, path: [], page: 7 }],
  [
    '{"types":"text","level":"2","path":[1],"x":{"y":null}}',
    { types: [], level: 0, path: [], x: { y: null } },
  ],
  ['[]', { types: [], level: 0, path: [] }],
  ['{broken', { types: [], level: 0, path: [] }],
  [null, { types: [], level: 0, path: [] }],
])('reads %s', (text, metadata) => {
  expect(parseMetadata(text)).toEqual(metadata);
});
