import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { openAsApplication, schemaOf } from './support/application.js';
import { fingerprintOf } from './support/fingerprint.js';
import { fixturesNote, haveFixtures, unpack } from './support/fixtures.js';
import { change, levels } from './support/levels.js';
import { backendOn, folderOf, openOn, tempFile } from './support/temp.js';

const undici = { library: 'undici', version: '7.0.0' };

describe.skipIf(!haveFixtures)(`a store of an older level${fixturesNote}`, () => {
  test.each(levels)('level %i is read without being changed', async (level, make) => {
    const path = make();
    const before = [folderOf(path), fingerprintOf(path)];
    const backend = await openOn(path);
    const vector = new Float32Array(512).fill(0.04);
    const near = await backend.vectors.nearest({ version: undici, vector, limit: 5 });
    expect(near).toHaveLength(5);
    expect(await backend.fts.match({ version: undici, terms: ['fetch'], limit: 5 })).toHaveLength(5);
    expect((await backend.catalog.overview()).find(({ chunks }) => chunks > 0)).toMatchObject({
      chunks: 193,
    });
    const [first] = await backend.catalog.pages(undici);
    if (level < 12) expect(first).toMatchObject({ sourceContentType: null });
    expect(await backend.inspect()).toMatchObject({ schemaLevel: level, counts: { vectors: 193 } });
    expect(await backend.vectors.profile()).toMatchObject({ dimension: 512, metric: 'l2' });
    expect(await backend.vectors.stats()).toEqual({ indexed: 193, without: 0, unusable: 0 });
    expect((await backend.vectors.audit()).problems).toEqual([]);
    expect((await backend.fts.audit()).problems).toEqual([]);
    const snapshot = await backend.catalog.snapshot({ version: undici, limit: 1000 });
    expect(snapshot.flatMap(({ chunks }) => chunks.filter((chunk) => chunk.vector !== null))).toHaveLength(
      193,
    );
    const { dimension } = { dimension: 512, ...(await backend.vectors.profile()) };
    const model = (await backend.vectors.profile())?.model ?? null;
    expect((await backend.vectors.reconcile({ model, dimension }, 'refuse')).outcome).toBe('unchanged');
    await expect(
      backend.apply([{ kind: 'resolveVersion', library: 'new', version: '' }]),
    ).rejects.toMatchObject({
      code: 'STORAGE_SCHEMA_OUTDATED',
      outcome: 'not-applied',
      message: expect.stringContaining(`switchyard migrate sqlite-vec:${path}`),
    });
    await backend.close();
    expect([folderOf(path), fingerprintOf(path)]).toEqual(before);

    const migrated = await openOn(path, { migrate: 'auto' });
    await migrated.apply([{ kind: 'resolveVersion', library: 'new', version: '' }]);
    expect((await migrated.migrator.status()).level).toBe(14);
    expect(await migrated.vectors.nearest({ version: undici, vector, limit: 5 })).toEqual(near);
    const written = schemaOf(openAsApplication(unpack('level-14-three-libraries')));
    expect(Object.keys(schemaOf(openAsApplication(path))).sort()).toEqual(Object.keys(written).sort());
  });

  test('remains readable after another process has migrated it, and can then be written', async () => {
    const path = unpack('level-11-undici');
    const reader = await openOn(path);
    expect((await reader.catalog.pages(undici)).length).toBeGreaterThan(0);
    const other = await openOn(path);
    await other.migrator.migrate();
    await other.vectors.reconcile({ model: 'a:b', dimension: 512 }, 'refuse');
    expect(await reader.vectors.profile()).toMatchObject({ model: 'a:b' });
    const [page] = await reader.catalog.pages(undici);
    expect(page).toBeDefined();
    await reader.apply([{ kind: 'resolveVersion', library: 'new', version: '' }]);
    expect((await reader.catalog.libraries()).map(({ name }) => name)).toContain('new');
  });

  test('keeps its journal mode', async () => {
    const path = change(unpack('level-13-undici'), 'PRAGMA journal_mode = DELETE');
    const before = fingerprintOf(path);
    const backend = await openOn(path);
    await backend.catalog.overview();
    await backend.close();
    expect(fingerprintOf(path)).toEqual(before);
  });

  test('a read-only file is read', async () => {
    const path = change(unpack('level-13-undici'), 'PRAGMA journal_mode = DELETE');
    chmodSync(path, 0o444);
    const backend = await openOn(path);
    expect(await backend.fts.match({ version: undici, terms: ['fetch'], limit: 5 })).toHaveLength(5);
  });
});

describe('a missing file', () => {
  test('a write that is refused before it begins creates no file', async () => {
    const path = tempFile();
    const backend = await openOn(path, { migrate: 'manual' });
    const write = () => backend.apply([{ kind: 'resolveVersion', library: 'new', version: '' }]);
    await expect(write()).rejects.toMatchObject({ code: 'STORAGE_SCHEMA_OUTDATED', outcome: 'not-applied' });
    await backend.migrator.migrate({ dryRun: true });
    expect(existsSync(path)).toBe(false);
    await backend.migrator.migrate();
    await write();
    expect(existsSync(path)).toBe(true);
  });

  test('something else that is created at the path first is refused and not changed', async () => {
    const path = tempFile();
    const backend = await openOn(path);
    expect(await backend.catalog.libraries()).toEqual([]);
    const other = new Database(path);
    other.exec('CREATE TABLE accounts (id INTEGER PRIMARY KEY)');
    other.close();
    const before = folderOf(path);
    await expect(backend.catalog.libraries()).rejects.toMatchObject({ code: 'STORAGE_SCHEMA_UNSUPPORTED' });
    const write = () => backend.apply([{ kind: 'resolveVersion', library: 'new', version: '' }]);
    await expect(write()).rejects.toMatchObject({
      code: 'STORAGE_SCHEMA_UNSUPPORTED',
      outcome: 'not-applied',
    });
    expect(folderOf(path)).toEqual(before);
    rmSync(path);
    await write();
    expect((await backend.catalog.libraries()).map(({ name }) => name)).toEqual(['new']);
  });

  test('is refused with mustExist; otherwise it reads as empty and the first write creates it', async () => {
    const path = tempFile();
    writeFileSync(path, '');
    await expect(backendOn(path, { mustExist: true }).open()).rejects.toMatchObject({
      code: 'STORAGE_NOT_FOUND',
    });
    const [reader, writer] = [await openOn(path), await openOn(path)];
    expect(await reader.catalog.libraries()).toEqual([]);
    await writer.apply([{ kind: 'resolveVersion', library: 'new', version: '' }]);
    expect((await reader.catalog.libraries()).map(({ name }) => name)).toEqual(['new']);
  });
});
