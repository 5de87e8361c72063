import { existsSync, readFileSync } from 'node:fs';
import { LibsqlBackend } from '@switchyard/backend-libsql';
import { SqliteVecBackend } from '@switchyard/backend-sqlite-vec';
import { convertLegacyStore, LegacySource, planConversion } from '@switchyard/legacy-conversion';
import {
  checkStore,
  copyStore,
  repairStore,
  type StorageBackend,
  verifyStores,
} from '@switchyard/storage-core';
import Database from 'better-sqlite3';
import * as sqliteVec from 'sqlite-vec';
import { afterEach, expect, it } from 'vitest';
import { chunk, fastify, page } from '../../backend-libsql/test/support/store.js';
import { tempFile } from '../../backend-libsql/test/support/temp.js';

// An index that does not list all rows of its table answers without an error, and lacks them.

const open: StorageBackend[] = [];
afterEach(async () => {
  for (const store of open.splice(0)) await store.close();
});

async function opened<T extends StorageBackend>(store: T): Promise<T> {
  await store.open();
  open.push(store);
  return store;
}

const libsql = (path = tempFile()) => opened(new LibsqlBackend({ location: { type: 'file', path } }));
const legacy = (path = tempFile()) => opened(new SqliteVecBackend({ path }));

async function filled(open: (path: string) => Promise<StorageBackend>): Promise<string> {
  const path = tempFile();
  const store = await open(path);
  await store.vectors.reconcile({ model: 'm', dimension: 2, metric: 'l2' }, 'refuse');
  for (let n = 0; n < 6; n++) {
    const vector = Float32Array.of(n, 1);
    await store.apply([
      page(`/${n}`, [chunk(`zebra ${n}`, { vector })], n < 4 ? fastify : { library: 'pino', version: '' }),
    ]);
  }
  await store.close();
  return path;
}

/** Exchanges two indexes of a file that nobody has open. */
function swapIndexes(path: string, pair: readonly [string, string]): void {
  const database = new Database(path);
  sqliteVec.load(database);
  database.unsafeMode(true);
  database.pragma('writable_schema = ON');
  database
    .prepare(
      `UPDATE sqlite_master
       SET rootpage = (SELECT sum(rootpage) FROM sqlite_master WHERE name IN (@a, @b)) - rootpage
       WHERE name IN (@a, @b)`,
    )
    .run({ a: pair[0], b: pair[1] });
  database.close();
}

const HIDDEN = {
  code: 'STORAGE_CORRUPT',
  outcome: 'not-applied',
  details: { reason: 'damaged-rows', repairable: true },
  message: expect.stringContaining('switchyard check STORE --repair'),
};

const ofLibsql = ['pages_by_version', 'versions_by_status'] as const;
const ofLegacy = ['idx_pages_version_id', 'idx_versions_status'] as const;

it.each([
  ['libsql', libsql, libsql, ofLibsql],
  ['sqlite-vec', legacy, legacy, ofLegacy],
  ['legacy-source', legacy, (path: string) => opened(new LegacySource({ path })), ofLegacy],
] as const)(
  'a %s store with hidden rows is not copied, nor equal to anything',
  async (_, make, read, pair) => {
    const path = await filled(make);
    const sound = await read(path);
    expect((await checkStore(sound, { scope: 'rows' })).damages).toEqual([]);
    await sound.close();
    swapIndexes(path, pair);

    const store = await read(path);
    const { damages } = await checkStore(store, { scope: 'rows' });
    expect(damages.map(({ detail }) => detail).sort()).toEqual(
      [...pair].sort().map((index) => `The index ${index} is damaged.`),
    );
    const target = await libsql();
    await expect(copyStore(store, target)).rejects.toMatchObject(HIDDEN);
    expect((await target.inspect()).counts).toMatchObject({ libraries: 0, chunks: 0 });
    const { equal, differences } = await verifyStores(store, await read(path));
    expect(equal).toBe(false);
    expect(differences).toMatchObject([
      { kind: 'damage', place: 'first store' },
      { kind: 'damage', place: 'first store' },
      { kind: 'damage', place: 'second store' },
      { kind: 'damage', place: 'second store' },
    ]);
    // Whoever wants what is left gets it.
    expect((await copyStore(store, target, { unchecked: true })).chunks).toBeLessThan(6);
  },
);

it.each([
  ['libsql', libsql, ofLibsql],
  ['sqlite-vec', legacy, ofLegacy],
] as const)('a %s store is copied whole after its repair', async (_, make, pair) => {
  const path = await filled(make);
  swapIndexes(path, pair);
  const store = await make(path);
  await repairStore(store);
  expect(await copyStore(store, await libsql())).toMatchObject({
    versions: 2,
    pages: 6,
    chunks: 6,
    vectors: 6,
  });
});

it('a legacy store with hidden rows is not converted, and a plan says so', async () => {
  const path = await filled(legacy);
  swapIndexes(path, ofLegacy);
  const before = readFileSync(path);
  const target = { type: 'file', path: tempFile('new.db') } as const;
  await expect(planConversion({ source: path, target })).rejects.toMatchObject(HIDDEN);
  await expect(convertLegacyStore({ source: path, target })).rejects.toMatchObject(HIDDEN);
  await expect(convertLegacyStore({ source: path, target: { type: 'in-place' } })).rejects.toMatchObject(
    HIDDEN,
  );
  expect(existsSync(target.path)).toBe(false);
  expect(readFileSync(path).equals(before)).toBe(true);
});

it('the index is checked if vectors exist only there, and not otherwise', async () => {
  const path = await filled(legacy);
  const change = (sql: string) => {
    const database = new Database(path);
    sqliteVec.load(database);
    database.unsafeMode(true);
    database.pragma('writable_schema = ON');
    database.exec(sql);
    database.close();
  };
  // The index does not list one entry, as after damage.
  change(`
    CREATE INDEX probe ON documents_vec_rowids (chunk_id) WHERE rowid > 1;
    UPDATE sqlite_master SET sql = replace(sql, ' WHERE rowid > 1', '') WHERE name = 'probe'`);
  const rows = async () => {
    const source = await opened(new LegacySource({ path }));
    const { damages } = await checkStore(source, { scope: 'rows' });
    await source.close();
    return damages.length;
  };
  expect(await rows()).toBe(0);
  change('DROP TRIGGER documents_vec_after_update; UPDATE documents SET embedding = NULL WHERE id = 2');
  expect(await rows()).toBe(1);
});
