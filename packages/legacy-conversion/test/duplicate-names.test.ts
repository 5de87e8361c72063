import { existsSync } from 'node:fs';
import { convertLegacyStore, LegacySource, planConversion } from '@switchyard/legacy-conversion';
import { copyStore } from '@switchyard/storage-core';
import Database from 'libsql';
import { describe, expect, it } from 'vitest';
import { haveFixtures, withoutFixtures } from '../../backend-libsql/test/support/fixtures.js';
import { openStore } from '../../backend-libsql/test/support/store.js';
import { tempFile } from '../../backend-libsql/test/support/temp.js';
import { bytesOf, namesBeside, unpackStore } from './support/legacy.js';

function storeWith(sql: string): string {
  const file = unpackStore('level-14-three-libraries');
  const database = new Database(file);
  database.exec(sql);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
  return file;
}

/** Names that SQLite distinguishes and an application does not. */
const doubles: readonly [title: string, sql: string, named: RegExp, details: object][] = [
  [
    'the unversioned version as NULL and as the empty name',
    `INSERT INTO versions (id, library_id, name) SELECT 9000, library_id, NULL FROM versions WHERE name = ''`,
    /versions \d+ and 9000 of the library 'pino' \(\d+\) are unversioned/,
    { table: 'versions', name: '' },
  ],
  [
    'the unversioned version as NULL, twice',
    `INSERT INTO versions (id, library_id, name)
       SELECT 9000, id, NULL FROM libraries WHERE name = 'fastify'
       UNION ALL SELECT 9001, id, NULL FROM libraries WHERE name = 'fastify'`,
    /versions 9000 and 9001 of the library 'fastify'.*only 9000 is found/,
    { table: 'versions', name: '', ids: '9000,9001', reached: 9000 },
  ],
  [
    'libraries in capitals beyond ASCII',
    `INSERT INTO libraries (id, name) VALUES (80, 'Über'), (81, 'über')`,
    /libraries 80 and 81 have the same name 'über'.*only 81 is found.*UPDATE libraries SET name = 'other-80'/s,
    { table: 'libraries', name: 'über', ids: '80,81', reached: 81, duplicates: 1 },
  ],
  [
    'libraries in ASCII capitals, in a store that lost its index: the application uses the one in lower case',
    `DROP INDEX IF EXISTS idx_libraries_lower_name;
     INSERT INTO libraries (id, name) VALUES (80, 'FOO'), (81, 'foo'), (82, 'Foo')`,
    /libraries 80, 81 and 82 have the same name 'foo'.*only 81 is found.*UPDATE libraries SET name = 'other-80'/s,
    { table: 'libraries', name: 'foo', ids: '80,81,82', reached: 81, duplicates: 1 },
  ],
  [
    'versions in capitals beyond ASCII, and a library',
    `INSERT INTO libraries (id, name) VALUES (80, 'Über'), (81, 'über');
     INSERT INTO versions (id, library_id, name) VALUES (9000, 80, 'Ä'), (9001, 80, 'ä'), (9002, 81, 'ä')`,
    /2 names occur more than once/,
    { duplicates: 2 },
  ],
];

describe.skipIf(!haveFixtures)(`two rows with the same name${withoutFixtures}`, () => {
  it.each(doubles)(
    '%s: conversion and copy are refused, nothing is written',
    async (_, sql, named, details) => {
      const file = storeWith(sql);
      const before = [bytesOf(file), namesBeside(file)];
      const refusal = {
        code: 'STORAGE_CONSTRAINT',
        outcome: 'not-applied',
        message: expect.stringMatching(named),
        details: { reason: 'duplicate-names', ...details },
      };
      const target = tempFile('converted.db');
      for (const to of [{ type: 'file', path: target }, { type: 'in-place' }] as const) {
        await expect(convertLegacyStore({ source: file, target: to })).rejects.toMatchObject(refusal);
      }
      expect(existsSync(target)).toBe(false);
      expect(namesBeside(target)).toEqual([]);

      const source = new LegacySource({ path: file });
      await source.open();
      const copy = await openStore(tempFile('copy.db'));
      await expect(copyStore(source, copy)).rejects.toMatchObject(refusal);
      await source.close();
      expect(await copy.vectors.profile()).toBeNull();
      expect(await copy.catalog.libraries()).toEqual([]);
      expect(bytesOf(file)).toEqual(before[0]);
    },
  );

  it('are reported by a plan, with each row', async () => {
    const file = storeWith(doubles[2]?.[1] ?? '');
    const { problems, problemCounts } = await planConversion({
      source: file,
      target: { type: 'file', path: tempFile('converted.db') },
    });
    expect(problemCounts).toEqual({ 'name-duplicate': 2 });
    expect(problems).toMatchObject([
      { kind: 'name-duplicate', table: 'libraries', id: 80, detail: expect.stringContaining('80 and 81') },
      { kind: 'name-duplicate', table: 'libraries', id: 81 },
    ]);
  });
});
