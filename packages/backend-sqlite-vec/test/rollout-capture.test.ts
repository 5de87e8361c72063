import { createMemoryState, MemoryBackend } from '@switchyard/storage-conformance/memory';
import type { StorageBackend } from '@switchyard/storage-core';
import { digestStore } from '@switchyard/storage-core';
import type { ChangeLog, LogKey } from '@switchyard/storage-core/backend';
import type Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { indexPage, openAsApplication } from './support/application.js';
import { fixturesNote, haveFixtures, unpack } from './support/fixtures.js';
import { openOn } from './support/temp.js';

const boot = 'boot-1';
const fastify = { library: 'fastify', version: '5.6.0' };
const vector = (value: number) => Array.from({ length: 512 }, () => value);
const chunk = (content: string, value = 0.1) => ({ content, path: ['Guide'], vector: vector(value) });

/** A store of the application, enrolled as the old side, and a new side that was filled from it. */
async function enrolled() {
  const path = unpack('level-14-three-libraries');
  const old = await openOn(path);
  const { lastId } = await old.changeLog.install({ side: 'old', boot });
  const other = new MemoryBackend({ state: createMemoryState() });
  await other.open();
  const { model = null, dimension = 0, metric } = { ...(await old.vectors.profile()) };
  await other.vectors.reconcile({ model, dimension, metric }, 'refuse');
  const log = other.changeLog as ChangeLog;
  await log.install({ side: 'new', boot, firstId: lastId + 1 });
  return { path, old, other, from: old.changeLog, to: log };
}

type Pair = Awaited<ReturnType<typeof enrolled>>;

/** Fills the new side, as a backfill does. */
async function fill({ old, from, to }: Pair): Promise<void> {
  for (const { name: library } of await old.catalog.libraries()) {
    const { authority } = await from.readAuthority(library);
    const since = { epoch: authority.epoch, sequence: 1_000_000 };
    const versions = await old.catalog.versions({ library });
    const keys: LogKey[] = [
      { kind: 'library' },
      ...versions.map(({ name: version }): LogKey => ({ kind: 'version', version })),
    ];
    for (const { id, name: version } of versions) {
      for (const { url } of await old.catalog.pages({ versionId: id }))
        keys.push({ kind: 'page', version, url });
    }
    for (const key of keys) {
      const read = await from.readPage(library, key, since);
      if (!('change' in read)) throw new Error(`No state of ${JSON.stringify(key)}.`);
      const change = { ...read.change, position: { epoch: since.epoch, sequence: 0 } };
      await to.putIfNewer({ library, change, epoch: since.epoch, source: 'backfill' });
    }
    await to.markFilled(library, since.epoch, boot);
  }
}

/** Delivers everything that was logged. @returns Keys that were delivered, as text. */
async function drain({ from, to }: Pair): Promise<string[]> {
  const keys: string[] = [];
  for (const library of await from.libraries()) {
    for (;;) {
      const taken = await from.takeChange(library, null);
      if (!('change' in taken)) break;
      const answer = await to.putIfNewer({
        library,
        change: taken.change,
        epoch: taken.epoch,
        source: 'drain',
      });
      expect(answer).toMatchObject({ applied: true });
      await from.clear(library, taken.change);
      keys.push([library, ...Object.values(taken.change.key)].join(' '));
    }
  }
  return keys;
}

async function expectEqual({ old, other }: { old: StorageBackend; other: StorageBackend }): Promise<void> {
  const [a, b] = [await digestStore(old), await digestStore(other)];
  expect(b.versions).toEqual(a.versions);
}

function idOf(database: Database.Database, sql: string): bigint {
  return BigInt((database.prepare(sql).get() as { id: number }).id);
}

describe.skipIf(!haveFixtures)(`what the application writes during a rollout${fixturesNote}`, () => {
  test('is captured with plain better-sqlite3 and sqlite-vec, and the other side becomes equal', async () => {
    const pair = await enrolled();
    await fill(pair);
    await expectEqual(pair);
    const application = openAsApplication(pair.path);
    application.pragma('foreign_keys = ON');

    indexPage(application, 'fastify', '5.6.0', { url: 'https://new', title: 'New' }, [
      chunk('a'),
      chunk('b', 0.2),
    ]);
    indexPage(application, 'brand-new', '1.0.0', { url: 'https://first', title: 'First' }, [chunk('c')]);
    expect(await drain(pair)).toEqual([
      'brand-new library',
      'brand-new version 1.0.0',
      'brand-new page 1.0.0 https://first',
      'fastify page 5.6.0 https://new',
    ]);
    await expectEqual(pair);

    const newPage = idOf(application, `SELECT id FROM pages WHERE url = 'https://new'`);
    application
      .prepare(`UPDATE documents SET embedding = ? WHERE page_id = ?`)
      .run(JSON.stringify(vector(0.3)), newPage);
    expect(await drain(pair)).toEqual(['fastify page 5.6.0 https://new']);
    application.prepare('UPDATE pages SET title = ? WHERE id = ?').run('Newer', newPage);
    expect(await drain(pair)).toEqual(['fastify page 5.6.0 https://new']);
    application.prepare(`UPDATE versions SET status = 'running' WHERE name = '5.6.0'`).run();
    expect(await drain(pair)).toEqual(['fastify version 5.6.0']);
    application.prepare('UPDATE pages SET url = ? WHERE id = ?').run('https://moved', newPage);
    expect((await drain(pair)).sort()).toEqual([
      'fastify page 5.6.0 https://moved',
      'fastify page 5.6.0 https://new',
    ]);
    await expectEqual(pair);
  });

  test('REPLACE, which fires no delete trigger, is captured with the keys it removes', async () => {
    const pair = await enrolled();
    await fill(pair);
    const application = openAsApplication(pair.path);
    indexPage(application, 'fastify', '5.6.0', { url: 'https://a', title: 'A' }, []);
    indexPage(application, 'fastify', '5.6.0', { url: 'https://b', title: 'B' }, [chunk('of b')]);
    await drain(pair);
    const version = idOf(application, `SELECT version_id AS id FROM pages WHERE url = 'https://a'`);
    const [a, b] = ['a', 'b'].map((name) =>
      idOf(application, `SELECT id FROM pages WHERE url = 'https://${name}'`),
    );
    const replace = 'REPLACE INTO pages (id, version_id, url, title) VALUES (?, ?, ?, ?)';
    application.prepare(replace).run(a, version, 'https://c', 'C');
    expect((await drain(pair)).sort()).toEqual([
      'fastify page 5.6.0 https://a',
      'fastify page 5.6.0 https://c',
    ]);
    const document = idOf(application, `SELECT id FROM documents WHERE page_id = ${b}`);
    application
      .prepare('REPLACE INTO documents (id, page_id, content, metadata, sort_order) VALUES (?, ?, ?, ?, 0)')
      .run(document, a, 'of c', JSON.stringify({ types: ['text'], level: 0, path: [] }));
    expect((await drain(pair)).sort()).toEqual([
      'fastify page 5.6.0 https://b',
      'fastify page 5.6.0 https://c',
    ]);
    await expectEqual(pair);
  });

  test('removed versions and libraries disappear on the other side', async () => {
    const pair = await enrolled();
    await fill(pair);
    const application = openAsApplication(pair.path);
    application.pragma('foreign_keys = ON');
    const [{ name = '' } = {}] = await pair.old.catalog.libraries();
    const library = idOf(application, `SELECT id FROM libraries WHERE name = '${name}'`);
    const inVersions = `(SELECT id FROM versions WHERE library_id = ${library})`;
    application.exec(`
      DELETE FROM documents WHERE page_id IN (SELECT id FROM pages WHERE version_id IN ${inVersions});
      DELETE FROM pages WHERE version_id IN ${inVersions};
      DELETE FROM versions WHERE library_id = ${library};
      DELETE FROM libraries WHERE id = ${library}`);
    await drain(pair);
    expect(await pair.other.catalog.library({ library: name })).toBeNull();
    await expectEqual(pair);
  });

  test('is refused for a library that was fenced, and taken for all others', async () => {
    const pair = await enrolled();
    await fill(pair);
    for (let revision = 1; revision < 3; revision++) {
      const { filled } = await pair.to.readControl();
      await pair.from.changeStage({ expected: revision, command: { kind: 'promote' }, filled });
    }
    expect(await pair.from.fence('fastify', 1, { epoch: 2, holder: 'new' }, 1)).toEqual({ done: true });
    const application = openAsApplication(pair.path);
    const write = (library: string) => () =>
      indexPage(application, library, '5.6.0', { url: 'https://late', title: 'Late' }, [chunk('late')]);
    expect(write('fastify')).toThrow(
      /switchyard rollout: this library takes writes only through its rollout/,
    );
    expect(() => application.prepare('DELETE FROM documents').run()).toThrow(/switchyard rollout/);
    expect(write('another')).not.toThrow();
    await pair.from.remove();
    expect(write('fastify')).not.toThrow();
  });

  test('is missed by triggers that a rebuilt table has lost, which is found, and voids the completeness markers', async () => {
    const pair = await enrolled();
    await fill(pair);
    const application = openAsApplication(pair.path);
    application.exec(`
      CREATE TABLE rebuilt AS SELECT * FROM documents;
      DROP TABLE documents;
      ALTER TABLE rebuilt RENAME TO documents`);
    const { missing } = await pair.from.triggers();
    expect(missing).toContain('rollout_chunk_inserted');
    expect(missing).not.toContain('rollout_page_inserted');
    await pair.from.install({ side: 'old', boot });
    expect(await pair.from.triggers()).toEqual({ missing: [] });
    const { epoch } = (await pair.from.readAuthority('fastify')).authority;
    const { filled } = await pair.to.readAuthority('fastify');
    expect([epoch, filled]).toEqual([2, 1]);
  });

  test('leaves results of operations for a day after they were delivered', async () => {
    const pair = await enrolled();
    const write = (url: string, operationId: string) =>
      pair.old.apply([{ kind: 'replacePage', version: fastify, page: { url }, chunks: [] }], {
        epochs: { fastify: 1 },
        operationId,
      });
    await write('https://a', 'delivered');
    await drain(pair);
    await write('https://b', 'dirty');
    await write('https://c', 'recent');
    const application = openAsApplication(pair.path);
    const kept = () =>
      application.prepare('SELECT operation FROM rollout_operations ORDER BY operation').pluck().all();
    application.exec(
      `UPDATE rollout_operations SET at = datetime('now', '-25 hours') WHERE operation <> 'recent'`,
    );
    await pair.from.clear('fastify', { key: { kind: 'library' }, position: { epoch: 1, sequence: 0 } });
    expect(kept()).toEqual(['dirty', 'recent']);
    await drain(pair);
    expect(kept()).toEqual(['recent']);
    application.exec(`UPDATE rollout_operations SET at = datetime('now', '-25 hours')`);
    // Where nothing is drained, as in the stages with one store, writes do it.
    await write('https://d', 'next');
    expect(kept()).toEqual(['next']);
  });

  test('needs one row a name: enrolment and the way back from off name those that have the same', async () => {
    const path = unpack('level-14-three-libraries');
    const application = openAsApplication(path);
    const unversioned = application.prepare('INSERT INTO versions (library_id, name) VALUES (?, ?)');
    const library = 'own';
    const id = application.prepare('INSERT INTO libraries (name) VALUES (?)').run(library).lastInsertRowid;
    for (const name of [null, null, '']) unversioned.run(BigInt(id), name);
    // Lower-case letters outside of ASCII are others to SQLite.
    for (const name of ['\u00c9cole', '\u00e9cole']) {
      application.prepare('INSERT INTO libraries (name) VALUES (?)').run(name);
    }
    const old = await openOn(path);
    const refusal = { code: 'STORAGE_CONSTRAINT', outcome: 'not-applied', details: { reason: 'one-name' } };
    await expect(old.changeLog.install({ side: 'old', boot })).rejects.toMatchObject(refusal);
    await expect(old.changeLog.install({ side: 'old', boot })).rejects.toThrow(
      new RegExp(`version '' of the library '${library}' .ids \\d+, \\d+, \\d+.*library '\u00c9cole' .ids`),
    );
    await expect(old.changeLog.libraries()).rejects.toMatchObject({ code: 'STORAGE_NOT_FOUND' });
    application.exec(`
      DELETE FROM versions WHERE library_id = ${id};
      DELETE FROM libraries WHERE name = '\u00c9cole'`);
    await old.changeLog.install({ side: 'old', boot });
    const command = { kind: 'demote', to: 'off' } as const;
    await old.changeLog.changeStage({ expected: 1, command, filled: {} });
    for (const name of [null, '']) unversioned.run(BigInt(id), name);
    const back = { expected: 2, command: { kind: 'promote' }, filled: {} } as const;
    await expect(old.changeLog.changeStage(back)).rejects.toMatchObject(refusal);
    expect((await old.changeLog.readControl()).row.stage).toBe('off');
  });

  test('keeps the store sound: checks find nothing, with the records and without', async () => {
    const { old, from } = await enrolled();
    const sound = { scope: 'full', damages: [], skipped: [] };
    expect(await old.maintenance.check({ scope: 'full' })).toEqual(sound);
    await from.remove();
    expect(await old.maintenance.check({ scope: 'full' })).toEqual(sound);
  });
});
