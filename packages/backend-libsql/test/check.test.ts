import { copyFileSync, readFileSync } from 'node:fs';
import { LibsqlBackend } from '@switchyard/backend-libsql';
import { startSqld } from '@switchyard/sqld';
import { checkStore, type DamageCode, repairStore, type StorageBackend } from '@switchyard/storage-core';
import Database from 'libsql';
import { afterEach, describe, expect, it } from 'vitest';
import { connect } from './support/connect.js';
import { describeWithSqld, query } from './support/sqld.js';
import { chunk, fastify, openStore, page } from './support/store.js';
import { tempFile } from './support/temp.js';

const vector = (...values: number[]) => Float32Array.from(values);

/** Two versions with vectors, one without. */
async function fill(store: StorageBackend): Promise<void> {
  await store.vectors.reconcile({ model: 'm', dimension: 4 }, 'refuse');
  for (let n = 0; n < 12; n++) {
    const types = n % 5 === 0 ? ['structural'] : ['text'];
    const version = n < 8 ? fastify : { library: 'pino', version: '' };
    await store.apply([
      page(
        `/${n}`,
        [
          chunk(`zebra ${n}`, { vector: vector(n, 1, 0, 2), metadata: { types, level: 1, path: ['a'] } }),
          chunk(`giraffe ${n} and more`, { vector: vector(1, n, 1, 0) }),
        ],
        version,
      ),
      page(`/${n}`, [chunk(`plain ${n}`)], { library: 'words', version: '1' }),
    ]);
  }
}

async function filledFile({ ann = false } = {}): Promise<string> {
  const file = tempFile();
  const store = await openHere(file);
  await fill(store);
  if (ann) await store.annIndexes?.build(fastify);
  await store.close();
  return file;
}

const open: StorageBackend[] = [];
afterEach(async () => {
  for (const store of open.splice(0)) await store.close();
});

/** A store that does its maintenance in this process, which is quicker than a child for each call. */
async function openHere(path: string): Promise<StorageBackend> {
  const store = new LibsqlBackend({ location: { type: 'file', path } });
  await store.open();
  open.push(store);
  return store;
}

/** Runs statements on a file that nobody has open. */
function plant(file: string, ...statements: string[]): void {
  const database = new Database(file);
  database.exec('PRAGMA foreign_keys = OFF');
  for (const sql of statements) database.exec(sql);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
}

const swapRoots = (a: string, b: string) => [
  'PRAGMA writable_schema = ON',
  `UPDATE sqlite_master SET rootpage = (SELECT sum(rootpage) FROM sqlite_master WHERE name IN ('${a}', '${b}')) - rootpage
   WHERE name IN ('${a}', '${b}')`,
  'PRAGMA writable_schema = OFF',
];

type Case = readonly [what: string, statements: readonly string[], code: DamageCode, mends: boolean];

const cases: readonly Case[] = [
  [
    'two indexes whose pages were swapped',
    swapRoots('documents_by_version', 'versions_by_source_url'),
    'engine',
    true,
  ],
  ['two indexes of equal size, swapped', swapRoots('versions_by_status', 'versions_by_name'), 'engine', true],
  ['an index that was dropped', ['DROP INDEX documents_structural'], 'schema', true],
  [
    'a trigger that was dropped',
    ['DROP TRIGGER IF EXISTS write_pages', 'DROP VIEW page_writes'],
    'schema',
    true,
  ],
  ['a page of no version', ['UPDATE pages SET version_id = 99 WHERE id = 1'], 'reference', false],
  [
    'a text that is not UTF-8',
    ["UPDATE documents SET content = CAST(x'61ff62' AS TEXT) WHERE id = 3"],
    'text',
    false,
  ],
  ['a URL that is not UTF-8', ["UPDATE pages SET url = CAST(x'edb080' AS TEXT) WHERE id = 3"], 'text', false],
  ['metadata that is no JSON', ["UPDATE documents SET metadata = '{' WHERE id = 2"], 'json', false],
  ['scraper options that are no JSON', ["UPDATE versions SET scraper_options = 'x'"], 'json', false],
  [
    'a chunk of another version than its page',
    ['UPDATE documents SET version_id = 2 WHERE id = 1'],
    'chunk',
    true,
  ],
  ['a wrong structural mark', ['UPDATE documents SET structural = 1 - structural'], 'chunk', true],
  ['an entry of full text that is lost', ['DELETE FROM documents_fts_docsize WHERE id = 4'], 'fts', true],
  [
    'an entry of full text without a chunk',
    ["INSERT INTO documents_fts_docsize VALUES (999, x'01010101')"],
    'fts',
    true,
  ],
  [
    'a full-text index with other words',
    ["UPDATE documents SET content = 'other words' WHERE id = 5"],
    'fts',
    true,
  ],
  ['full text that lost its segments', ['DELETE FROM documents_fts_data WHERE id > 10'], 'fts', true],
  ['a vector that is lost', ['DELETE FROM document_vectors WHERE document_id = 1'], 'vector-missing', false],
  [
    'a vector without a chunk',
    ["INSERT INTO document_vectors VALUES (999, 1, 0, x'000000000000000000000000000000ff')"],
    'vector',
    true,
  ],
  [
    'a vector of another dimension',
    ["UPDATE document_vectors SET embedding = x'0000803f' WHERE document_id = 1"],
    'vector',
    false,
  ],
  [
    'a vector that is not finite',
    ["UPDATE document_vectors SET embedding = x'0000c07f0000803f0000803f0000803f' WHERE document_id = 1"],
    'vector',
    false,
  ],
  [
    'codes of other vectors',
    ["UPDATE document_vectors SET embedding = x'0000803f0000803f0000803f0000803f' WHERE document_id = 1"],
    'vector',
    true,
  ],
  ['codes that are lost', ['DELETE FROM vector_codes'], 'vector', true],
  ['codes of no sense', ["UPDATE vector_codes SET codes = x'0102'"], 'vector', true],
  ['counters that run ahead', ['UPDATE vector_generations SET coded = generation + 5'], 'generation', true],
  ['counters that are lost', ['DELETE FROM vector_generations'], 'generation', true],
];

describe('a damaged file', () => {
  it.each(cases)('%s is found, and repaired if possible', async (_what, statements, code, mends) => {
    const file = await filledFile();
    plant(file, ...statements);
    const store = await openHere(file);
    const { damages } = await checkStore(store);
    expect(damages.map((damage) => damage.code)).toContain(code);
    for (const { repair, advice } of damages) expect(repair === null).toBe(advice !== null);
    const { after, repaired } = await repairStore(store);
    const left = after.damages.map((damage) => damage.code);
    if (mends) {
      expect(after.damages).toEqual([]);
      expect(repaired.length).toBeGreaterThan(0);
      const [hit] = await store.fts.match({ version: fastify, terms: ['giraffe'], limit: 1 });
      expect(hit?.chunkId).toBeGreaterThan(0);
    } else {
      expect(left).toContain(code);
    }
  });

  it('approximate indexes that lost vectors are found and rebuilt', async () => {
    const file = await filledFile({ ann: true });
    plant(file, 'DELETE FROM neighbour_members WHERE document_id = 2');
    const store = await openHere(file);
    expect((await checkStore(store)).damages).toMatchObject([{ code: 'ann-index' }]);
    expect((await repairStore(store)).after.damages).toEqual([]);
  });

  it.each(['quick', 'full'] as const)('is not changed by a %s check', async (scope) => {
    const file = await filledFile();
    plant(file, ...swapRoots('documents_by_version', 'versions_by_source_url'));
    const before = tempFile();
    copyFileSync(file, before);
    const store = await openStore(`${file}?migrate=manual`);
    const { damages } = await checkStore(store, { scope });
    expect(damages.length).toBeGreaterThan(0);
    await store.close();
    expect(readFileSync(file).equals(readFileSync(before))).toBe(true);
  });
});

describe('a healthy store', () => {
  it.each([
    ['empty', async () => undefined],
    ['with vectors and words', fill],
    [
      'with approximate indexes',
      async (store: StorageBackend) => {
        await fill(store);
        await store.annIndexes?.build(fastify);
      },
    ],
    [
      'after removals, other writes and an optimization',
      async (store: StorageBackend) => {
        await fill(store);
        await store.apply([{ kind: 'removeVersion', version: fastify }]);
        await store.apply([page('/new', [chunk('new', { vector: vector(1, 2, 3, 4) })], fastify)]);
        await store.optimize?.();
      },
    ],
  ] as const)('%s reports nothing, in a file and in memory', async (_what, make) => {
    for (const store of [await openHere(tempFile()), await openStore(':memory:')]) {
      await make(store);
      for (const scope of ['quick', 'full'] as const)
        expect(await checkStore(store, { scope })).toEqual({ scope, damages: [], skipped: [] });
      expect((await repairStore(store)).repaired).toEqual([]);
    }
  });
});

describe('a check', () => {
  it('reports its steps, and can be aborted between them', async () => {
    const store = await openStore(await filledFile());
    const controller = new AbortController();
    const steps: string[] = [];
    const onProgress = ({ step }: { step: string }) => {
      steps.push(step);
      if (step === 'texts') controller.abort();
    };
    await expect(checkStore(store, { signal: controller.signal, onProgress })).rejects.toMatchObject({
      code: 'STORAGE_ABORTED',
    });
    expect(steps).toContain('database');
    expect(steps).not.toContain('vectors');
  });
});

describe('reclaim', () => {
  it('reclaims the space of removed rows, and changes nothing else', async () => {
    const file = tempFile();
    const store = await openStore(file);
    await fill(store);
    const long = 'lorem ipsum '.repeat(2000);
    const many = { library: 'large', version: '1' };
    for (let n = 0; n < 20; n++) await store.apply([page(`/${n}`, [chunk(long)], many)]);
    await store.apply([{ kind: 'removeVersion', version: many }]);
    const before = await store.fts.match({ version: fastify, terms: ['giraffe'], limit: 50 });
    const report = await store.maintenance?.reclaim();
    expect(report?.limitation).toBeNull();
    expect(report?.bytesAfter).toBeLessThan((report?.bytesBefore ?? 0) - 300_000);
    expect(await store.fts.match({ version: fastify, terms: ['giraffe'], limit: 50 })).toEqual(before);
    expect((await checkStore(store)).damages).toEqual([]);
  });
});

describeWithSqld('a store on a server', () => {
  it('is checked and repaired there, and through a replica', async () => {
    const server = await startSqld();
    const store = connect(server.url);
    const replica = connect(`file:${tempFile()}?syncUrl=${server.url}`);
    try {
      await store.open();
      await fill(store);
      await replica.open();
      for (const scope of ['quick', 'full'] as const) {
        for (const backend of [store, replica])
          expect(await checkStore(backend, { scope })).toEqual({ scope, damages: [], skipped: [] });
      }
      await query(server.url, 'DELETE FROM documents_fts_docsize WHERE id = 4');
      await query(server.url, "UPDATE documents SET content = CAST(x'61ff62' AS TEXT) WHERE id = 6");
      const { damages } = await checkStore(store);
      expect(damages.map(({ code }) => code)).toEqual(expect.arrayContaining(['fts', 'text']));
      const { after } = await repairStore(store);
      expect(after.damages.map(({ code }) => code)).toEqual(['text']);
      expect((await store.maintenance?.reclaim())?.limitation).toContain('VACUUM');
    } finally {
      await store.close();
      await replica.close();
      await server.stop();
    }
  });
});

it.each(['rows', 'quick', 'full'] as const)('a %s check of an empty store finds nothing', async (scope) => {
  const file = tempFile();
  const store = await openStore(file);
  expect(await store.maintenance?.check({ scope })).toMatchObject({ damages: [] });
  await store.apply([page('/a', [chunk('zebra')])]);
  expect(await store.maintenance?.check({ scope })).toMatchObject({ damages: [] });
});

it('accepts a full-text index that another connection has changed since it was read', async () => {
  const file = tempFile();
  const store = await openHere(file);
  const other = await openHere(file);
  for (const content of ['quick brown fox', 'lazy dog', 'red hen']) {
    await other.apply([page('/a', [chunk(content)])]);
    for (const scope of ['quick', 'full'] as const)
      expect((await checkStore(store, { scope })).damages).toEqual([]);
  }
});

it('repairs the new side of a rollout, which takes no writes of others, and logs nothing', async () => {
  const file = await filledFile();
  const boot = 'boot-1';
  const store = await openHere(file);
  await store.changeLog?.install({ side: 'new', boot });
  await store.close();
  // The triggers of the rollout would refuse the damage too.
  plant(file, `UPDATE rollout_store SET writer = 'put'`, 'UPDATE documents SET structural = 1 - structural');
  plant(file, `UPDATE rollout_store SET writer = 'unaware'`);
  await store.open();
  const { after } = await repairStore(store);
  expect(after.damages).toEqual([]);
  expect(await store.changeLog?.readLast('fastify')).toEqual({ epoch: 0, sequence: 0 });
  const write = store.apply([page('/late', [chunk('late')])]);
  await expect(write).rejects.toMatchObject({ code: 'STORAGE_EPOCH_CHANGED' });
});
