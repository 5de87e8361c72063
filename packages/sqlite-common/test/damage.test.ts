import { toStorageError, withDamageNamed } from '@switchyard/sqlite-common';
import { expect, it } from 'vitest';

const errorOf = (message: string) =>
  withDamageNamed(toStorageError(new Error(message), { backend: 'b', location: 'docs.db' }));

it.each([
  'SQL logic error',
  'error in tokenizer constructor',
  'no such tokenizer: pkrter',
  'parse error in tokenize directive',
  'parse error in "*  url"',
  'table documents_fts has no column named url',
  'unrecognized option: "tokeniz"',
  'reserved fts5 column name: rank',
  'vectors blob read error for 3',
  'chunks iter error',
  'no such column: pa\u{fffd}es.title',
  'JSON cannot hold BLOB values',
  'Parition key type mismatch: The partition key column library_id has type INTEGER, but TEXT was provided.',
])('recognizes damage by the message of SQLite or an extension: %s', (message) => {
  const error = errorOf(message);
  expect(error).toMatchObject({ code: 'STORAGE_CORRUPT', message: expect.stringContaining(message) });
  expect(error.message).toMatch(/^The database file is damaged/);
});

it.each(['near "SELEKT": syntax error', 'SQL logic error in something else', 'out of cheese'])(
  'leaves every other error as it is: %s',
  (message) => expect(errorOf(message)).toMatchObject({ code: 'STORAGE_INTERNAL' }),
);
