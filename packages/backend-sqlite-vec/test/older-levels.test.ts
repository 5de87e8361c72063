import { checkStore, repairStore, type StorageBackend } from '@switchyard/storage-core';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { fixturesNote, haveFixtures } from './support/fixtures.js';
import { change, levels } from './support/levels.js';
import { folderOf, openOn, tempFile } from './support/temp.js';

const undici = { library: 'undici', version: '7.0.0' };

/** Statements and declarations of the schema, without the parts that SQLite renumbers. */
function schemaAt(path: string): unknown {
  const database = new Database(path, { readonly: true });
  const rows = database.prepare('SELECT name, sql FROM sqlite_master ORDER BY name').all();
  const steps = database.prepare('SELECT id FROM _schema_migrations ORDER BY id').all();
  database.close();
  return { rows, steps };
}

describe.skipIf(!haveFixtures)(`checking a store of an older level${fixturesNote}`, () => {
  test.each(levels)('level %i is checked without being changed', async (_level, make) => {
    const path = make();
    const before = folderOf(path);
    const store = await openOn(path);
    for (const scope of ['quick', 'full'] as const)
      expect(await checkStore(store, { scope })).toEqual({ scope, damages: [], skipped: [] });
    expect((await repairStore(store)).repaired).toEqual([]);
    await store.close();
    expect(folderOf(path)).toEqual(before);
  });

  test.each(levels)('level %i is repaired, and keeps its level and its schema', async (level, make) => {
    const path = make();
    const schema = schemaAt(path);
    change(
      path,
      'DELETE FROM documents_fts WHERE rowid % 3 = 0',
      'DELETE FROM documents_vec WHERE rowid = (SELECT min(id) FROM documents)',
    );
    const store = await openOn(path);
    const vector = new Float32Array(512).fill(0.04);
    const { before, repaired, after } = await repairStore(store);
    expect(before.damages.map(({ code }) => code)).toEqual(expect.arrayContaining(['fts', 'vector']));
    expect(repaired).toHaveLength(2);
    expect(after.damages).toEqual([]);
    expect(await store.vectors.nearest({ version: undici, vector, limit: 5 })).toHaveLength(5);
    expect(await store.inspect()).toMatchObject({ schemaLevel: level, counts: { vectors: 193 } });
    await store.close();
    expect(schemaAt(path)).toEqual(schema);
  });
});

test('audits and checks neither wait for a writer nor block one', async () => {
  const path = tempFile();
  const store = await openOn(path, { busyTimeoutMs: 0 });
  await store.apply([{ kind: 'resolveVersion', library: 'a', version: '' }]);
  const writer = new Database(path, { timeout: 0 });
  writer.exec('BEGIN IMMEDIATE');
  expect((await store.fts.audit()).problems).toEqual([]);
  expect((await store.vectors.audit()).problems).toEqual([]);
  expect((await checkStore(store)).damages).toEqual([]);
  writer.exec('ROLLBACK');
  writer.close();
});

describe('a full-text index that another connection has changed since it was read', () => {
  const write = (store: StorageBackend, content: string) =>
    store.apply([
      {
        kind: 'replacePage',
        version: undici,
        page: { url: '/a', title: 'A' },
        chunks: [{ content, metadata: { types: [], level: 0, path: [] }, vector: null }],
      },
    ]);

  test('passes audits and checks', async () => {
    const path = tempFile();
    const store = await openOn(path);
    const other = await openOn(path);
    for (const content of ['quick brown fox', 'lazy dog', 'red hen']) {
      await write(other, content);
      for (const scope of ['quick', 'full'] as const)
        expect((await checkStore(store, { scope })).damages).toEqual([]);
      await write(other, `${content} again`);
      expect((await store.fts.audit()).problems).toEqual([]);
    }
  });

  test.each([
    'DELETE FROM documents_fts_data WHERE id > 10',
    "UPDATE documents_fts_content SET c0 = 'other words'",
    'DROP TABLE documents_fts_data',
  ])('damage is still reported: %s', async (damage) => {
    const path = tempFile();
    const store = await openOn(path);
    await write(store, 'quick brown fox');
    expect((await store.fts.audit()).problems).toEqual([]);
    change(path, damage);
    const { damages } = await checkStore(store, { scope: 'full' });
    expect(damages).not.toEqual([]);
    for (const { repair } of damages) expect(repair).toBe('Rebuild the full-text index from the chunks.');
    const problems = await store.fts.audit().then(
      ({ problems }) => problems.map(({ kind }) => kind),
      () => ['damaged'],
    );
    expect(problems).toContain('damaged');
  });
});
