import { existsSync, writeFileSync } from 'node:fs';
import { convertLegacyStore, LegacySource } from '@switchyard/legacy-conversion';
import { verifyStores } from '@switchyard/storage-core';
import Database from 'libsql';
import { describe, expect, it } from 'vitest';
import { haveFixtures, withoutFixtures } from '../../backend-libsql/test/support/fixtures.js';
import { openStore } from '../../backend-libsql/test/support/store.js';
import { tempFile } from '../../backend-libsql/test/support/temp.js';
import { bytesOf, namesBeside, openConverted, unpackStore } from './support/legacy.js';

function change(file: string, sql: string): void {
  const database = new Database(file);
  database.exec(sql);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
}

/** A store of level 011 made into one of an older level. */
function older(level: 9 | 10): string {
  const file = unpackStore('level-11-undici');
  change(
    file,
    `DELETE FROM _schema_migrations WHERE id LIKE '011-%';
     DROP TRIGGER documents_vec_after_insert;
     DROP TRIGGER documents_vec_after_update;
     DROP TRIGGER documents_vec_after_delete;`,
  );
  if (level === 9) {
    change(
      file,
      `DELETE FROM _schema_migrations WHERE id LIKE '010-%'; ALTER TABLE pages DROP COLUMN depth;`,
    );
  }
  return file;
}

/** A store of this backend: the first write creates it. */
async function makeStore(path: string): Promise<void> {
  const store = await openStore(path);
  await store.apply([{ kind: 'resolveVersion', library: 'new', version: '' }]);
  await store.close();
}

const target = () => ({ type: 'file', path: tempFile('converted.db') }) as const;

describe.skipIf(!haveFixtures)(`supported and unsupported sources${withoutFixtures}`, () => {
  it.each([9, 10] as const)('converts level %i, if it has embeddings', async (level) => {
    const file = older(level);
    const to = target();
    const result = await convertLegacyStore({ source: file, target: to });
    expect(result).toMatchObject({ level, profile: { model: null, dimension: 512, metric: 'l2' } });
    expect(result.counts?.vectors).toBe(193);
    const legacy = new LegacySource({ path: file });
    await legacy.open();
    expect(await verifyStores(legacy, await openConverted(to.path), { deep: true })).toMatchObject({
      equal: true,
    });
    await legacy.close();
  });

  it.each([
    [
      "DELETE FROM _schema_migrations WHERE id >= '008'",
      'STORAGE_SCHEMA_UNSUPPORTED',
      /level 7.*Open it once/s,
    ],
    [
      "INSERT INTO _schema_migrations (id) VALUES ('015-new.sql')",
      'STORAGE_SCHEMA_TOO_NEW',
      /level 15.*Upgrade/s,
    ],
    ['DROP TABLE _schema_migrations', 'STORAGE_SCHEMA_UNSUPPORTED', /not a store/],
  ])('refuses a store after %s', async (sql, code, message) => {
    const file = unpackStore('level-14-no-embeddings');
    change(file, sql);
    const before = bytesOf(file);
    const to = target();
    await expect(convertLegacyStore({ source: file, target: to })).rejects.toMatchObject({ code });
    await expect(convertLegacyStore({ source: file, target: { type: 'in-place' } })).rejects.toThrow(message);
    expect(bytesOf(file)).toEqual(before);
    expect(namesBeside(to.path)).toEqual([]);
    expect(existsSync(`${file}.switchyard-convert`)).toBe(false);
  });

  it('refuses a missing file, a text file, and a store of the other backend', async () => {
    const missing = tempFile('nothing.db');
    await expect(convertLegacyStore({ source: missing, target: target() })).rejects.toMatchObject({
      code: 'STORAGE_NOT_FOUND',
    });
    writeFileSync(missing, 'not a database, only some text');
    await expect(convertLegacyStore({ source: missing, target: target() })).rejects.toMatchObject({
      code: 'STORAGE_SCHEMA_UNSUPPORTED',
    });
    const ours = tempFile('ours.db');
    await makeStore(ours);
    await expect(convertLegacyStore({ source: ours, target: { type: 'in-place' } })).rejects.toMatchObject({
      code: 'STORAGE_SCHEMA_UNSUPPORTED',
    });
  });

  it('does not replace an existing file', async () => {
    const file = unpackStore('level-14-no-embeddings');
    const to = target();
    writeFileSync(to.path, 'precious');
    await expect(convertLegacyStore({ source: file, target: to })).rejects.toMatchObject({
      code: 'STORAGE_SCHEMA_UNSUPPORTED',
    });
    const store = tempFile('store.db');
    await makeStore(store);
    await expect(
      convertLegacyStore({ source: file, target: { type: 'file', path: store } }),
    ).rejects.toMatchObject({
      code: 'STORAGE_CONSTRAINT',
      message: expect.stringContaining('already exists'),
    });
  });

  it('records unreachable rows completely in the report', async () => {
    const file = unpackStore('level-14-no-embeddings');
    change(
      file,
      `PRAGMA foreign_keys = OFF;
       DROP TRIGGER documents_vec_after_insert;
       INSERT INTO documents (id, page_id, content, metadata, sort_order) VALUES (9001, 777, 'lost words', '{}', 0);
       INSERT INTO pages (id, version_id, url) VALUES (9002, 888, 'https://example.org/lost');`,
    );
    const to = target();
    const { problemCounts, counts } = await convertLegacyStore({ source: file, target: to });
    expect(problemCounts).toMatchObject({ 'row-orphan': 2 });
    expect(counts?.chunks).toBe(73);
    const store = await openStore(to.path);
    expect((await store.inspect()).counts).toMatchObject({ chunks: 72, pages: 14 });
    expect((await store.fts.audit()).problems).toEqual([]);
  });

  it('rebuilds wrong full-text entries', async () => {
    const file = unpackStore('level-14-no-embeddings');
    change(
      file,
      `UPDATE documents_fts SET content = 'zebra' WHERE rowid = (SELECT min(id) FROM documents);
       DELETE FROM documents_fts WHERE rowid = (SELECT max(id) FROM documents);`,
    );
    const to = target();
    const { problemCounts } = await convertLegacyStore({ source: file, target: to });
    expect(problemCounts).toMatchObject({ 'fts-differ': 1, 'fts-missing': 1 });
    const store = await openStore(to.path);
    expect((await store.fts.audit()).problems).toEqual([]);
    const version = { library: 'pino', version: '10.4.0' };
    expect(await store.fts.match({ version, terms: ['zebra'], limit: 5 })).toEqual([]);
  });
});
