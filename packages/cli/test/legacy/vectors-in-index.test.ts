import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { LibsqlBackend } from '@switchyard/backend-libsql';
import { SqliteVecBackend } from '@switchyard/backend-sqlite-vec';
import { convertLegacyStore, LegacySource, planConversion } from '@switchyard/legacy-conversion';
import { copyStore, DocumentStore, type StorageBackend, verifyStores } from '@switchyard/storage-core';
import Database from 'better-sqlite3';
import * as sqliteVec from 'sqlite-vec';
import { afterEach, describe, expect, it } from 'vitest';
import { switchyard, switchyardJson } from '../support/command.js';
import { hasFixtures, unpack } from '../support/fixtures.js';
import { temporaryFolder } from '../support/temp.js';

const folder = temporaryFolder();
const note = hasFixtures ? '' : ' (skipped: ../shared/fixtures is missing)';
const opened: StorageBackend[] = [];
let folders = 0;

function ownFolder(): string {
  const own = join(folder, String(++folders));
  mkdirSync(own);
  return own;
}

afterEach(async () => {
  for (const backend of opened.splice(0)) await backend.close();
});

async function open<B extends StorageBackend>(backend: B): Promise<B> {
  opened.push(backend);
  await backend.open();
  return backend;
}

const legacy = (path: string) => open(new SqliteVecBackend({ path }));
const source = (path: string) => open(new LegacySource({ path }));
const libsql = (path: string) => open(new LibsqlBackend({ location: { type: 'file', path } }));
const newFile = () => join(ownFolder(), 'new.db');

/** Changes a store as another program would: with plain statements. Nothing of Switchyard has it open. */
function change(path: string, ...statements: readonly string[]): string {
  const database = new Database(path);
  sqliteVec.load(database);
  for (const statement of statements) database.exec(statement);
  database.close();
  return path;
}

const upgraded = () => unpack('upgraded-from-008', ownFolder());

/** Every third chunk has its vector beside its text as well, or only there; every tenth has none at all. */
const mixed = () =>
  change(
    upgraded(),
    'CREATE TEMP TABLE texts AS SELECT rowid AS id, vec_to_json(embedding) AS text FROM documents_vec',
    `DROP TRIGGER documents_vec_after_update`,
    `UPDATE documents SET embedding = (SELECT text FROM temp.texts WHERE texts.id = documents.id) WHERE id % 3 = 0`,
    'DELETE FROM documents_vec WHERE rowid % 6 = 0',
    'DELETE FROM documents_vec WHERE rowid % 10 = 1',
  );

async function vectorsOf(backend: StorageBackend): Promise<Map<number, Float32Array>> {
  const vectors = new Map<number, Float32Array>();
  for (const { version } of await backend.catalog.overview()) {
    const pages = await backend.catalog.snapshot({ version: { versionId: version.id }, limit: 10_000 });
    for (const { id, vector } of pages.flatMap(({ chunks }) => chunks))
      if (vector !== null) vectors.set(id, vector);
  }
  return vectors;
}

/** Rankings of searches with vectors of the store itself, id for id. */
async function rankings(backend: StorageBackend, vectors: ReadonlyMap<number, Float32Array>) {
  const found: (readonly number[])[] = [];
  for (const { version } of await backend.catalog.overview()) {
    for (const vector of [...vectors.values()].filter((_, index) => index % 60 === 0)) {
      const query = { version: { versionId: version.id }, vector, limit: 10 };
      found.push((await backend.vectors.nearest(query)).map(({ chunkId }) => chunkId));
    }
  }
  return found;
}

describe.skipIf(!hasFixtures)(`vectors that exist only in the index${note}`, () => {
  it.each([
    ['all of them', upgraded, 295],
    ['some of them', mixed, 275],
  ])('%s: read, converted, compared and brought back', async (_, unpacked, expected) => {
    const path = unpacked();
    const plan = await planConversion({ source: path, target: { type: 'in-place' } });
    expect(plan.problemCounts['store-without-vectors']).toBeUndefined();
    const target = newFile();
    const { counts, verification } = await convertLegacyStore({
      source: path,
      target: { type: 'file', path: target },
    });
    expect(verification?.equal).toBe(true);
    expect(counts?.vectors).toBe(expected);

    const [reader, converted] = [await source(path), await libsql(target)];
    expect((await reader.vectors.stats()).indexed).toBe(expected);
    const wanted = await vectorsOf(reader);
    expect(wanted.size).toBe(expected);
    expect(await vectorsOf(converted)).toEqual(wanted);
    const result = await verifyStores(reader, converted, { deep: true });
    expect(result.differences).toEqual([]);
    expect(result.digests.a).toBe(result.digests.b);

    const backend = await legacy(path);
    expect(await vectorsOf(backend)).toEqual(wanted);
    if (expected === 295) {
      expect(await backend.vectors.stats()).toEqual({ indexed: 295, without: 0, unusable: 0 });
      expect((await backend.vectors.audit()).problems).toEqual([]);
      expect(await rankings(converted, wanted)).toEqual(await rankings(backend, wanted));
    }
    await backend.vectors.rebuild();
    expect(await vectorsOf(backend)).toEqual(wanted);
    expect(await rankings(backend, wanted)).toEqual(await rankings(converted, wanted));

    const back = await legacy(newFile());
    const copied = await copyStore(converted, back, {});
    expect(copied.vectors).toBe(expected);
    expect(await vectorsOf(back)).toEqual(wanted);
    expect((await verifyStores(back, backend, { deep: true })).differences).toEqual([]);
  });

  it('writing to such a store leaves the vectors of the other chunks alone', async () => {
    const backend = await legacy(upgraded());
    const before = await vectorsOf(backend);
    const version = { versionId: (await backend.catalog.overview())[0]?.version.id ?? 0 };
    const [first, second] = await backend.catalog.snapshot({ version, limit: 2 });
    const gone = [first, second].flatMap((page) => page?.chunks ?? []).map(({ id }) => id);
    const store = await DocumentStore.open({ backend });
    await store.deletePage(first?.page.id ?? 0);
    const vector = new Float32Array(1536).fill(0.25);
    const [{ chunkIds }] = await backend.apply([
      {
        kind: 'replacePage',
        version,
        page: { url: second?.page.url ?? '', title: 'New' },
        chunks: [{ content: 'new', metadata: { types: ['text'], level: 0, path: [] }, vector }],
      },
    ]);
    for (const id of gone) before.delete(id);
    before.set(chunkIds[0] ?? 0, vector);
    expect(await vectorsOf(backend)).toEqual(before);
    await backend.vectors.rebuild();
    expect(await vectorsOf(backend)).toEqual(before);
    expect((await backend.vectors.audit()).problems).toEqual([]);
    const { vectorsDropped } = await backend.vectors.reconcile({ model: 'a:b', dimension: 3 }, 'reset');
    expect(vectorsDropped).toBe(before.size);
    expect((await vectorsOf(backend)).size).toBe(0);
  });

  it('entries of another version and vectors that are not finite belong to no chunk, and are reported', async () => {
    const path = change(
      upgraded(),
      `CREATE TEMP TABLE moved AS
         SELECT rowid AS id, library_id, embedding FROM documents_vec WHERE version_id = 1 ORDER BY rowid LIMIT 3`,
      'DELETE FROM documents_vec WHERE rowid IN (SELECT id FROM temp.moved)',
      `INSERT INTO documents_vec (rowid, library_id, version_id, embedding)
         SELECT id, 26, 26, embedding FROM temp.moved`,
    );
    const reader = await source(path);
    const target = newFile();
    const { counts, problemCounts } = await convertLegacyStore({
      source: path,
      target: { type: 'file', path: target },
    });
    expect([counts?.vectors, problemCounts]).toEqual([292, { 'index-only': 3 }]);
    expect(await reader.vectors.stats()).toEqual({ indexed: 292, without: 0, unusable: 3 });
    expect((await vectorsOf(reader)).size).toBe(292);
    const backend = await legacy(path);
    expect((await vectorsOf(backend)).size).toBe(292);
    expect(await backend.vectors.stats()).toEqual({ indexed: 292, without: 0, unusable: 3 });
    const { problems } = await backend.vectors.audit();
    expect(problems.map(({ detail }) => detail)).toEqual(
      Array.from({ length: 3 }, () => expect.stringMatching(/in version 26; it belongs to version 1/)),
    );
  });

  it('if both exist, the embedding counts, and verify counts the rows that disagree', async () => {
    const other = JSON.stringify(Array.from({ length: 1536 }, (_, i) => (i === 0 ? 1 : 0)));
    const path = change(
      upgraded(),
      'DROP TRIGGER documents_vec_after_update',
      `UPDATE documents SET embedding = '${other}' WHERE id IN (SELECT id FROM documents ORDER BY id LIMIT 4)`,
    );
    const target = newFile();
    const { problemCounts } = await convertLegacyStore({
      source: path,
      target: { type: 'file', path: target },
    });
    expect(problemCounts).toMatchObject({ 'index-differs': 4 });
    const wanted = Float32Array.from(JSON.parse(other) as number[]);
    for (const backend of [await source(path), await legacy(path), await libsql(target)]) {
      const vectors = [...(await vectorsOf(backend)).values()];
      expect(vectors).toHaveLength(295);
      expect(vectors.filter((vector) => vector[0] === wanted[0])).toHaveLength(4);
    }
    const result = await switchyardJson(['verify', `sqlite-vec:${path}`, `file:${target}`]);
    expect(result).toMatchObject({ equal: true, disagreeing: { a: 4, b: 0 } });
    const { stdout } = await switchyard(['verify', `sqlite-vec:${path}`, `file:${target}`, '--deep']);
    expect(stdout).toContain('disagrees with the vectors of 4 chunks');
  });

  it('an index of another dimension than the store is not used, and is reported', async () => {
    const path = change(upgraded(), "UPDATE metadata SET value = '512' WHERE key = 'embedding_dimension'");
    const plan = await planConversion({ source: path, target: { type: 'in-place' } });
    expect(plan.problemCounts).toEqual({ 'index-only': 295, 'store-without-vectors': 1 });
    expect(plan.problems[0]?.detail).toMatch(/1536 components.* 512/);
    const reader = await source(path);
    expect(await reader.vectors.stats()).toEqual({ indexed: 0, without: 0, unusable: 295 });
    const backend = await legacy(path);
    expect(await backend.vectors.profile()).toMatchObject({ dimension: 512 });
    expect(await backend.vectors.stats()).toEqual({ indexed: 0, without: 0, unusable: 295 });
    expect((await backend.vectors.audit()).problems).toHaveLength(296);
    expect((await vectorsOf(backend)).size).toBe(0);
    const query = { version: { versionId: 1 }, vector: new Float32Array(512).fill(1), limit: 3 };
    expect(await backend.vectors.nearest(query)).toEqual([]);
  });

  it.each([9, 10])('a store of level %i is converted with the vectors of its index', async (level) => {
    const path = change(
      unpack('level-11-undici', ownFolder()),
      ...['insert', 'update', 'delete'].map((event) => `DROP TRIGGER documents_vec_after_${event}`),
      'UPDATE documents SET embedding = NULL',
      `DELETE FROM _schema_migrations WHERE id >= '0${String(level + 1).padStart(2, '0')}'`,
      ...(level < 10 ? ['ALTER TABLE pages DROP COLUMN depth'] : []),
    );
    const target = newFile();
    const { counts, verification } = await convertLegacyStore({
      source: path,
      target: { type: 'file', path: target },
    });
    expect(verification?.equal).toBe(true);
    expect(counts).toMatchObject({ vectors: 193, embeddings: 0, indexOnly: 193 });
  });
});
