import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sqliteVecBackend } from '@switchyard/backend-sqlite-vec';
import { parseConnectionString } from '@switchyard/storage-core';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { openAsApplication } from './support/application.js';
import { fixturesNote, haveFixtures, unpack } from './support/fixtures.js';
import { backendOn, folderOf, openOn, tempFile } from './support/temp.js';

/** A database in WAL mode, as a foreign program leaves it. */
function foreign(path: string, sql: string): void {
  const database = new Database(path);
  database.pragma('journal_mode = WAL');
  database.exec(sql);
  database.close();
}

async function refusal(path: string, mustExist = false): Promise<unknown> {
  const before = folderOf(path);
  const error: unknown = await backendOn(path, { mustExist })
    .open()
    .then(
      () => undefined,
      (reason: unknown) => reason,
    );
  expect(folderOf(path)).toEqual(before);
  return error;
}

describe('a file that is not a store of this backend is refused and not changed, and no file appears next to it', () => {
  test('a foreign database', async () => {
    const path = tempFile();
    foreign(path, 'CREATE TABLE accounts (id INTEGER PRIMARY KEY, name TEXT)');
    expect(await refusal(path)).toMatchObject({ code: 'STORAGE_SCHEMA_UNSUPPORTED', backend: 'sqlite-vec' });
  });

  test('a foreign database whose writer was killed', async () => {
    const path = tempFile();
    const database = new Database(path);
    database.pragma('journal_mode = WAL');
    database.exec('CREATE TABLE accounts (id INTEGER PRIMARY KEY)');
    // The log is not written back while the connection is open.
    expect(await refusal(path)).toMatchObject({ code: 'STORAGE_SCHEMA_UNSUPPORTED' });
    database.close();
  });

  test('a store of the libsql backend, with a hint to the right connection string', async () => {
    const path = tempFile();
    foreign(path, 'CREATE TABLE switchyard_meta (key TEXT, value TEXT); CREATE TABLE documents (id)');
    expect(await refusal(path)).toMatchObject({
      code: 'STORAGE_SCHEMA_UNSUPPORTED',
      message: expect.stringContaining(`file:${path}`),
    });
  });

  test('a text file, and a folder', async () => {
    const path = tempFile('notes.txt');
    writeFileSync(path, 'no database at all');
    expect(await refusal(path)).toMatchObject({ code: 'STORAGE_SCHEMA_UNSUPPORTED' });
    const folder = join(dirname(path), 'sub');
    mkdirSync(folder);
    await expect(backendOn(folder).open()).rejects.toMatchObject({ code: 'STORAGE_SCHEMA_UNSUPPORTED' });
  });

  test('a missing or empty file with mustExist; always a missing folder', async () => {
    const path = tempFile();
    expect(await refusal(path, true)).toMatchObject({ code: 'STORAGE_NOT_FOUND' });
    writeFileSync(path, '');
    expect(await refusal(path, true)).toMatchObject({ code: 'STORAGE_NOT_FOUND' });
    foreign(path, 'PRAGMA user_version = 1');
    expect(await refusal(path, true)).toMatchObject({ code: 'STORAGE_NOT_FOUND' });
    await expect(backendOn(join(dirname(path), 'no', 'store.db')).open()).rejects.toMatchObject({
      code: 'STORAGE_NOT_FOUND',
    });
  });

  test.skipIf(process.getuid?.() === 0)('a file that this user may not read (skipped for root)', async () => {
    const path = tempFile();
    foreign(path, 'CREATE TABLE t (x)');
    chmodSync(path, 0);
    await expect(backendOn(path).open()).rejects.toMatchObject({ code: 'STORAGE_PERMISSION_DENIED' });
  });

  test.skipIf(!haveFixtures).each([
    [
      'older than 009',
      `DELETE FROM _schema_migrations WHERE id >= '009'`,
      'STORAGE_SCHEMA_UNSUPPORTED',
      /level 8.*application/s,
    ],
    [
      'newer than 014',
      `INSERT INTO _schema_migrations (id) VALUES ('015-next.sql')`,
      'STORAGE_SCHEMA_TOO_NEW',
      /level 15/,
    ],
  ])(`a store that is %s${fixturesNote}`, async (_, sql, code, message) => {
    const path = unpack('level-11-undici');
    const application = new Database(path);
    application.exec(sql);
    application.close();
    expect(await refusal(path)).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test.skipIf(!haveFixtures)(`a store with a newer level in its WAL${fixturesNote}`, async () => {
    const path = unpack('level-14-no-embeddings');
    const application = openAsApplication(path);
    application.exec(`INSERT INTO _schema_migrations (id) VALUES ('015-next.sql')`);
    expect(await refusal(path)).toMatchObject({ code: 'STORAGE_SCHEMA_TOO_NEW' });
  });
});

describe('opening', () => {
  test('a refused backend opens once the path is right', async () => {
    const path = tempFile();
    writeFileSync(path, 'not yet a database');
    const backend = backendOn(path);
    await expect(backend.open()).rejects.toMatchObject({ code: 'STORAGE_SCHEMA_UNSUPPORTED' });
    writeFileSync(path, '');
    await backend.open();
    expect(await backend.catalog.libraries()).toEqual([]);
  });

  test('with migrate=manual nothing is created until migrate() is called', async () => {
    const backend = await openOn(tempFile(), { migrate: 'manual' });
    expect(await backend.migrator.status()).toEqual({ state: 'empty', level: null, latest: 14 });
    await expect(backend.apply([])).rejects.toMatchObject({ code: 'STORAGE_SCHEMA_OUTDATED' });
    expect(await backend.migrator.migrate()).toMatchObject({ from: null, to: 14, dryRun: false });
    expect(await backend.apply([])).toEqual([]);
  });

  test('an error of a later call names the store', async () => {
    const path = tempFile('named store.db');
    const backend = await openOn(path, { busyTimeoutMs: 0 });
    const application = openAsApplication(path);
    application.exec('BEGIN IMMEDIATE');
    const write = backend.apply([{ kind: 'resolveVersion', library: 'a', version: '1' }]);
    await expect(write).rejects.toMatchObject({
      code: 'STORAGE_BUSY',
      message: expect.stringContaining(path),
    });
  });

  test('with migrate=manual the journal mode of a file stays, and migrating switches it to WAL', async () => {
    const path = tempFile();
    const database = new Database(path);
    database.exec('PRAGMA user_version = 1');
    database.close();
    // 1: rollback journal, 2: write-ahead log; see https://www.sqlite.org/fileformat.html
    const writeVersion = () => readFileSync(path)[18];
    const backend = await openOn(path, { migrate: 'manual' });
    await backend.migrator.migrate({ dryRun: true });
    expect(writeVersion()).toBe(1);
    await backend.migrator.migrate();
    expect(writeVersion()).toBe(2);
  });

  test('by connection string, with its options', async () => {
    const path = tempFile('a store.db');
    const parse = (text: string) => parseConnectionString(text, { backends: [sqliteVecBackend] });
    const backend = sqliteVecBackend.create(parse(`sqlite-vec:${path}?busyTimeoutMs=7&migrate=auto`));
    await backend.open();
    await backend.migrator.migrate();
    expect(await backend.inspect()).toMatchObject({
      location: `sqlite-vec:${path}?busyTimeoutMs=7&migrate=auto`,
      schemaLevel: 14,
      engine: { name: 'better-sqlite3', version: expect.stringMatching(/SQLite 3.*sqlite-vec v0\.1\.9/) },
    });
    await backend.close();
    expect(() => parse('sqlite-vec:x?busyTimeoutMs=-1')).toThrow(/busyTimeoutMs/);
    expect(() => parse('sqlite-vec:x?migrate=never')).toThrow(/create, auto, manual/);
    const memory = sqliteVecBackend.create(parse('sqlite-vec::memory:'));
    expect(memory.capabilities).toMatchObject({ persistent: false, multiProcess: false });
  });

  test.skipIf(!haveFixtures)(`a migration with a failing step changes nothing${fixturesNote}`, async () => {
    const path = unpack('level-11-undici');
    const application = openAsApplication(path);
    // Step 012 goes through, step 013 meets a table of its name.
    application.exec('CREATE TABLE metadata (something)');
    const dump = () => ({
      schema: application.prepare('SELECT type, name, sql FROM sqlite_master ORDER BY name').all(),
      steps: application.prepare('SELECT * FROM _schema_migrations ORDER BY id').all(),
      pages: application.prepare('SELECT * FROM pages ORDER BY id').all(),
      vectors: application.prepare('SELECT rowid, * FROM documents_vec ORDER BY rowid').all(),
    });
    const before = dump();
    const failing = await openOn(path);
    await expect(failing.migrator.migrate()).rejects.toMatchObject({
      message: expect.stringMatching(/013-create-metadata-table\.sql.*nothing was changed/s),
      outcome: 'not-applied',
    });
    expect(dump()).toEqual(before);
    application.exec('DROP TABLE metadata');
    await failing.migrator.migrate();
    expect((await failing.migrator.status()).level).toBe(14);
  });

  test.skipIf(!haveFixtures)(
    `a migration that is aborted between steps changes nothing${fixturesNote}`,
    async () => {
      const path = unpack('level-11-undici');
      const backend = await openOn(path, { migrate: 'manual' });
      const controller = new AbortController();
      const migration = backend.migrator.migrate({
        signal: controller.signal,
        onProgress: ({ step }) => {
          if (step.startsWith('014')) controller.abort();
        },
      });
      await expect(migration).rejects.toMatchObject({ code: 'STORAGE_ABORTED' });
      expect((await backend.migrator.status()).level).toBe(11);
    },
  );

  test.skipIf(!haveFixtures)(`two backends that migrate the same store agree${fixturesNote}`, async () => {
    const path = unpack('level-11-undici');
    const backends = [await openOn(path), await openOn(path, { migrate: 'auto' })];
    await Promise.all([
      backends[0]?.migrator.migrate(),
      backends[1]?.apply([{ kind: 'resolveVersion', library: 'a', version: '' }]),
    ]);
    for (const backend of backends) expect((await backend.vectors.stats()).indexed).toBe(193);
  });
});
