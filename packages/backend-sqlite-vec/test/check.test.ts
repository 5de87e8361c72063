import { copyFileSync, readFileSync } from 'node:fs';
import { sqliteVecBackend } from '@switchyard/backend-sqlite-vec';
import {
  type ChunkInput,
  checkStore,
  type DamageCode,
  parseConnectionString,
  repairStore,
  type StorageBackend,
} from '@switchyard/storage-core';
import Database from 'better-sqlite3';
import * as sqliteVec from 'sqlite-vec';
import { describe, expect, it } from 'vitest';
import { haveFixtures, unpack } from './support/fixtures.js';
import { openOn, tempFile } from './support/temp.js';

const fastify = { library: 'fastify', version: '5.6.0' };

function chunk(content: string, vector: readonly number[] | null): ChunkInput {
  const metadata = { types: ['text'], level: 1, path: ['a'] };
  return { content, metadata, vector: vector === null ? null : Float32Array.from(vector) };
}

async function fill(store: StorageBackend): Promise<void> {
  await store.vectors.reconcile({ model: 'm', dimension: 4 }, 'refuse');
  for (let n = 0; n < 8; n++) {
    const page = { url: `/${n}`, title: `Title ${n}` };
    const chunks = [chunk(`zebra ${n}`, [n, 1, 0, 2]), chunk(`giraffe ${n}`, [1, n, 1, 0])];
    await store.apply([
      { kind: 'replacePage', version: fastify, page, chunks },
      {
        kind: 'replacePage',
        version: { library: 'words', version: '' },
        page,
        chunks: [chunk('plain', null)],
      },
    ]);
  }
}

async function filledFile(): Promise<string> {
  const file = tempFile();
  const store = await openOn(file);
  await fill(store);
  await store.close();
  return file;
}

/** Runs statements on a file that nobody has open. */
function plant(file: string, ...statements: string[]): void {
  const database = new Database(file);
  sqliteVec.load(database);
  database.unsafeMode(true);
  database.pragma('foreign_keys = OFF');
  for (const sql of statements) database.exec(sql);
  database.close();
}

const withoutTriggers = (statement: string) => [
  'DROP TRIGGER documents_fts_after_update',
  'DROP TRIGGER documents_vec_after_update',
  statement,
];

type Case = readonly [what: string, statements: readonly string[], code: DamageCode, mends: boolean];

const cases: readonly Case[] = [
  [
    'two indexes whose pages were swapped',
    [
      'PRAGMA writable_schema = ON',
      `WITH pair AS (
         SELECT name, rootpage FROM sqlite_master WHERE type = 'index' AND tbl_name = 'versions' LIMIT 2
       )
       UPDATE sqlite_master SET rootpage = (SELECT sum(rootpage) FROM pair) - rootpage
       WHERE name IN (SELECT name FROM pair)`,
    ],
    'engine',
    true,
  ],
  ['a page of no version', ['UPDATE pages SET version_id = 99 WHERE id = 1'], 'reference', false],
  [
    'a text that is not UTF-8',
    ["UPDATE documents SET content = CAST(x'61ff62' AS TEXT) WHERE id = 3"],
    'text',
    false,
  ],
  [
    'metadata that is no JSON',
    withoutTriggers("UPDATE documents SET metadata = '{' WHERE id = 2"),
    'json',
    false,
  ],
  [
    'scraper options that are no JSON',
    ['DROP INDEX idx_versions_scraper_options_scope', "UPDATE versions SET scraper_options = '[1'"],
    'json',
    false,
  ],
  ['an entry of full text that is lost', ['DELETE FROM documents_fts WHERE rowid = 4'], 'fts', true],
  [
    'a full-text index with other words',
    withoutTriggers("UPDATE documents SET content = 'other' WHERE id = 5"),
    'fts',
    true,
  ],
  ['full text that lost its segments', ['DELETE FROM documents_fts_data WHERE id > 10'], 'fts', true],
  ['full text without its table', ['DROP TABLE documents_fts'], 'schema', true],
  ['a vector that is lost', ['UPDATE documents SET embedding = NULL WHERE id = 1'], 'vector-missing', false],
  ['an entry of the index that is lost', ['DELETE FROM documents_vec WHERE rowid = 1'], 'vector', true],
  [
    'an entry of the index without a chunk',
    ["INSERT INTO documents_vec (rowid, library_id, version_id, embedding) VALUES (999, 1, 1, '[1,2,3,4]')"],
    'vector',
    true,
  ],
  [
    'an index that holds another vector',
    withoutTriggers("UPDATE documents SET embedding = '[9,9,9,9]' WHERE id = 1"),
    'vector',
    true,
  ],
  [
    'a vector of another dimension',
    withoutTriggers("UPDATE documents SET embedding = '[1]' WHERE id = 1"),
    'vector',
    false,
  ],
];

describe('a damaged legacy file', () => {
  it.each(cases)('%s is found, and repaired if possible', async (_what, statements, code, mends) => {
    const file = await filledFile();
    plant(file, ...statements);
    const store = await openOn(file);
    const { damages } = await checkStore(store);
    expect(damages.map((damage) => damage.code)).toContain(code);
    for (const { repair, advice } of damages) expect(repair === null).toBe(advice !== null);
    const { after } = await repairStore(store);
    if (mends) expect(after.damages).toEqual([]);
    else expect(after.damages.map((damage) => damage.code)).toContain(code);
  });

  it('is not changed by a check, which runs in a child process', async () => {
    const file = await filledFile();
    plant(file, 'DELETE FROM documents_vec WHERE rowid = 1');
    const before = tempFile();
    copyFileSync(file, before);
    const connection = parseConnectionString(`sqlite-vec:${file}`, { backends: [sqliteVecBackend] });
    const store = sqliteVecBackend.create(connection, { mustExist: true });
    await store.open();
    expect((await checkStore(store)).damages).toMatchObject([{ code: 'vector' }]);
    await store.close();
    expect(readFileSync(file).equals(readFileSync(before))).toBe(true);
  });

  it('keeps vectors that only the index has during a repair', async () => {
    const file = await filledFile();
    plant(
      file,
      ...withoutTriggers('UPDATE documents SET embedding = NULL'),
      'DELETE FROM documents_fts WHERE rowid = 2',
    );
    const store = await openOn(file);
    await repairStore(store);
    expect((await store.maintenance.check({ scope: 'full' })).damages).toEqual([]);
    plant(
      file,
      "INSERT INTO documents_vec (rowid, library_id, version_id, embedding) VALUES (999, 1, 1, '[1,2,3,4]')",
    );
    await repairStore(store);
    const count = new Database(file, { readonly: true })
      .prepare('SELECT count(*) FROM documents_vec_rowids')
      .pluck();
    expect(count.get()).toBe(16);
  });
});

describe('a healthy legacy store', () => {
  it.each([
    ['empty', async () => undefined],
    ['with vectors and words', fill],
  ] as const)('%s reports nothing, in a file and in memory', async (_what, make) => {
    for (const path of [tempFile(), null]) {
      const store = await openOn(path);
      await make(store);
      for (const scope of ['quick', 'full'] as const)
        expect(await checkStore(store, { scope })).toEqual({ scope, damages: [], skipped: [] });
      expect((await repairStore(store)).repaired).toEqual([]);
    }
  });

  it
    .skipIf(!haveFixtures)
    .each([
      'level-11-undici',
      'level-13-undici',
      'level-14-no-embeddings',
      'level-14-three-libraries',
      'upgraded-from-008',
    ])('%s reports nothing', async (name) => {
    const store = await openOn(unpack(name));
    expect((await checkStore(store)).damages).toEqual([]);
  });
});

describe('reclaim', () => {
  it('reclaims the space of removed rows, including vectors', async () => {
    const file = tempFile();
    const store = await openOn(file);
    await fill(store);
    const many = { library: 'large', version: '1' };
    const long = 'lorem ipsum '.repeat(200);
    for (let n = 0; n < 30; n++) {
      const chunks = Array.from({ length: 50 }, (_, i) => chunk(long, [n, i, 1, 2]));
      await store.apply([{ kind: 'replacePage', version: many, page: { url: `/${n}` }, chunks }]);
    }
    await store.apply([{ kind: 'removeVersion', version: many }]);
    const query = { version: fastify, vector: Float32Array.of(1, 2, 1, 0), limit: 5 };
    const before = await store.vectors.nearest(query);
    const report = await store.maintenance.reclaim();
    expect(report.limitation).toBeNull();
    expect(report.bytesAfter).toBeLessThan((report.bytesBefore ?? 0) / 4);
    expect(await store.vectors.nearest(query)).toEqual(before);
    expect((await checkStore(store)).damages).toEqual([]);
  });
});
