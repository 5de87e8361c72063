import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CATALOG_TEXTS } from '@switchyard/sqlite-common';
import Database from 'better-sqlite3';
import * as sqliteVec from 'sqlite-vec';
import { beforeAll, describe, expect, it } from 'vitest';
import { random, soundStore, useInChild } from '../support/damaged-stores.js';
import { temporaryFolder } from '../support/temp.js';

const folder = temporaryFolder();
const SEED = 7;
/** Stores; each column is damaged in about half of them. */
const STORES = 3;

/** Text that the application's users bring in, by table. */
const columns = { ...CATALOG_TEXTS, documents: [...CATALOG_TEXTS.documents, 'embedding'] };

/** Text by which software finds its way in a store: without it there may be no store to read. */
const ownColumns = { metadata: ['key', 'value'], _schema_migrations: ['id', 'applied_at'] } as const;

/** Bytes that are not UTF-8: halves of emojis, ends and beginnings of sequences, overlong and too large ones. */
const ILL_FORMED = ['eda0bd', 'edb880', 'ff', 'fe', '80', 'bfbf', 'c3', 'e282', 'f09f98', 'c0af', 'f4908080'];

let sound: Buffer;

beforeAll(async () => {
  sound = await soundStore('legacy', folder);
});

type Columns = Readonly<Record<string, readonly string[]>>;

/** A store with ill-formed bytes in half of these columns, in some of their rows, each at some place of its text. */
function plant(name: string, tables: Columns, next: (bound: number) => number): string {
  const file = join(folder, `${name}.db`);
  writeFileSync(file, sound);
  const database = new Database(file);
  sqliteVec.load(database);
  // They would refuse what is no JSON any more.
  database.exec('DROP INDEX idx_versions_scraper_options_scope');
  for (const trigger of database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    .pluck()
    .all()) {
    database.exec(`DROP TRIGGER ${trigger}`);
  }
  for (const [table, column] of pairs(tables)) {
    if (next(2) === 0) continue;
    const rows = database
      .prepare(`SELECT rowid AS id, CAST(coalesce(${column}, 'some text') AS BLOB) AS bytes FROM ${table}`)
      .all() as { id: number; bytes: Buffer }[];
    const update = database.prepare(`UPDATE ${table} SET ${column} = CAST(? AS TEXT) WHERE rowid = ?`);
    for (const { id, bytes } of rows.slice(0, 1 + next(rows.length))) {
      const at = next(bytes.length + 1);
      const planted = Buffer.from(ILL_FORMED[next(ILL_FORMED.length)] ?? '', 'hex');
      update.run(Buffer.concat([bytes.subarray(0, at), planted, bytes.subarray(at)]), id);
    }
  }
  database.close();
  return file;
}

function pairs(tables: Columns): [string, string][] {
  return Object.entries(tables).flatMap(([table, names]) =>
    names.map((name): [string, string] => [table, name]),
  );
}

function usesOf(name: string, tables: Columns) {
  const next = random(SEED);
  const stores = Array.from({ length: STORES }, (_, number) => plant(`${name}-${number}`, tables, next));
  return useInChild(stores.map((file) => ({ file, kind: 'legacy', convert: true })));
}

describe('bytes that are not UTF-8 in a legacy store', () => {
  it('are read, copied, verified and converted as U+FFFD, in every column of text', async () => {
    const uses = await usesOf('content', columns);
    expect(uses).toHaveLength(STORES * 9);
    expect(uses.filter(({ code }) => code !== 'ok')).toEqual([]);
  }, 180_000);

  it('cause at most a typed error in the columns that identify the store', async () => {
    const allowed = ['ok', 'STORAGE_CORRUPT', 'STORAGE_SCHEMA_UNSUPPORTED', 'STORAGE_NOT_FOUND'];
    const uses = await usesOf('own', ownColumns);
    expect(uses.filter(({ code }) => !allowed.includes(code))).toEqual([]);
  }, 180_000);
});
