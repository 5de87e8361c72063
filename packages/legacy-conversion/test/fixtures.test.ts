import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convertLegacyStore, LegacySource, planConversion } from '@switchyard/legacy-conversion';
import { verifyStores } from '@switchyard/storage-core';
import Database from 'libsql';
import { afterAll, describe, expect, it } from 'vitest';
import { haveFixtures, withoutFixtures } from '../../backend-libsql/test/support/fixtures.js';
import { createStore, openStore } from '../../backend-libsql/test/support/store.js';
import { tempFile } from '../../backend-libsql/test/support/temp.js';
import {
  bytesOf,
  expectGolden,
  legacyStores,
  namesBeside,
  openConverted,
  unpackStore,
} from './support/legacy.js';

const golden: Readonly<Record<string, readonly [string, number]>> = {
  'level-14-three-libraries': ['level-14-three-libraries.hybrid.json', 24],
  'level-14-no-embeddings': ['level-14-no-embeddings.words.json', 6],
};

/**
 * Opens a converted store beside the legacy one and compares them in every column.
 *
 * @param searches Number of searches run on both. Default: that of a deep comparison.
 */
async function expectEqual(legacy: string, converted: string, searches?: number): Promise<void> {
  const source = new LegacySource({ path: legacy });
  await source.open();
  const store = await openConverted(converted);
  const result = await verifyStores(source, store, { deep: true, searches });
  expect(result.differences).toEqual([]);
  expect(result.equal).toBe(true);
  expect(result.searches.same).toBe(result.searches.made);
  await source.close();
  await store.close();
}

const folder = mkdtempSync(join(tmpdir(), 'switchyard-converted-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type StoreName = (typeof legacyStores)[number];

async function convertOnce(name: StoreName) {
  const own = join(folder, name);
  mkdirSync(own);
  const unpacked = unpackStore(name);
  const legacy = join(own, 'legacy.db');
  for (const suffix of ['', '-wal']) {
    if (existsSync(unpacked + suffix)) copyFileSync(unpacked + suffix, legacy + suffix);
  }
  const before = bytesOf(legacy);
  const target = join(own, 'target', 'converted.db');
  mkdirSync(join(own, 'target'));
  const result = await convertLegacyStore({ source: legacy, target: { type: 'file', path: target } });
  return { legacy, before, target, result };
}

const conversions = new Map<StoreName, ReturnType<typeof convertOnce>>();

/** Converts a store to a new file, once for all tests, which must not change either file. */
function converted(name: StoreName): ReturnType<typeof convertOnce> {
  const conversion = conversions.get(name) ?? convertOnce(name);
  conversions.set(name, conversion);
  return conversion;
}

describe.skipIf(!haveFixtures)(`stores of the application${withoutFixtures}`, () => {
  it.each(legacyStores)('%s is converted to a new file, and not changed', async (name) => {
    const { legacy, before, target, result } = await converted(name);
    const { verification, counts, resumed } = result;
    expect(resumed).toBe(false);
    expect(verification).toMatchObject({ equal: true });
    expect(bytesOf(legacy)).toEqual(before);
    expect(namesBeside(target).filter((file) => !file.endsWith('.jsonl'))).toEqual(['converted.db']);

    await expectEqual(legacy, target);
    const [file, searches] = golden[name] ?? [];
    if (file !== undefined) expect(await expectGolden(target, file)).toBe(searches);
    const report = await (await openConverted(target)).inspect();
    expect(report.counts).toMatchObject({ chunks: counts?.chunks, vectors: counts?.vectors });
  });

  it.each(legacyStores)('%s is replaced in place, with a complete backup', async (name) => {
    const file = unpackStore(name);
    const untouched = unpackStore(name);
    const { legacy, target } = await convertLegacyStore({ source: file, target: { type: 'in-place' } });
    expect(target).toBe(file);
    expect(legacy).toBe(`${file}.legacy-backup`);
    await expectEqual(untouched, file);
    await expectEqual(legacy, file, 5); // the same rows as those of the untouched store
    expect(new Database(legacy).prepare('PRAGMA integrity_check').all([])).toEqual([
      { integrity_check: 'ok' },
    ]);
    const [rankings, searches] = golden[name] ?? [];
    if (rankings !== undefined) expect(await expectGolden(file, rankings)).toBe(searches);
    expect(existsSync(`${file}.switchyard-convert`)).toBe(false);
    // Running it again has nothing to do.
    const again = await convertLegacyStore({ source: file, target: { type: 'in-place' } });
    expect(again).toMatchObject({ alreadyConverted: true, legacy });
  });

  it.each(legacyStores)('estimates the space for %s', async (name) => {
    const legacy = unpackStore(name);
    const target = tempFile('planned.db');
    const plan = await planConversion({ source: legacy, target: { type: 'file', path: target } });
    expect(existsSync(target)).toBe(false);
    const { result, target: written } = await converted(name);
    const { counts } = result;
    const { vectors: _, ...rows } = counts ?? { vectors: 0 };
    expect(plan.counts).toEqual(rows);
    expect(plan.sourceBytes).toBe(
      statSync(legacy).size + (statSync(`${legacy}-wal`, { throwIfNoEntry: false })?.size ?? 0),
    );
    // Rather too large than too small, and of the right order: one MiB is added for the fixed part of a store.
    const used = statSync(written).size;
    expect(plan.neededBytes).toBeGreaterThanOrEqual(used);
    expect(plan.neededBytes).toBeLessThan(1.5 * used + 1024 * 1024);
    expect(plan.freeBytes).toBeGreaterThan(plan.neededBytes);
    expect(plan.estimatedSeconds).toBeGreaterThan(0);
    expect(plan.estimatedSeconds).toBeLessThan(3600);
  });

  it('reports every fault of an untidy store, and loses nothing else', async () => {
    const { legacy, target, result } = await converted('level-14-untidy');
    const { problemCounts, report, counts } = result;
    const plan = await planConversion({
      source: legacy,
      target: { type: 'file', path: tempFile('planned.db') },
    });
    expect(problemCounts).toEqual({
      'index-differs': 21,
      'index-missing': 1,
      'index-orphan': 1,
      'trigger-missing': 1,
      'vector-missing': 4,
      'vector-not-normalized': 20,
      'vector-unusable': 2,
      'vector-zero': 1,
    });
    expect(plan.problemCounts).toEqual(problemCounts);
    expect(plan.counts).toMatchObject({ chunks: 270, embeddings: 266, pages: 57, versions: 4, libraries: 4 });
    expect(counts).toMatchObject({ chunks: 270, vectors: 264 });

    const lines = readFileSync(report ?? '', 'utf8')
      .trim()
      .split('\n');
    const problems = lines.map(
      (line) => JSON.parse(line) as { kind: string; id: number | null; detail: string },
    );
    const ids = (kind: string) => problems.filter((line) => line.kind === kind).map(({ id }) => id);
    expect(ids('vector-missing')).toEqual([309, 310, 311, 578]);
    expect(ids('vector-unusable')).toEqual([312, 313]);
    expect(ids('vector-zero')).toEqual([314]);
    expect(ids('index-differs')).toEqual(Array.from({ length: 21 }, (_, index) => 314 + index));
    expect(ids('index-missing')).toEqual([339]);
    expect(ids('index-orphan')).toEqual([999_999]);
    expect(problems.find(({ id }) => id === 312)?.detail).toMatch(/384.*512/);
    expect(problems.find(({ id }) => id === 313)?.detail).toMatch(/JSON/);
    expect(problems.find(({ kind }) => kind === 'trigger-missing')?.detail).toContain(
      'documents_vec_after_update',
    );

    const store = await openStore(target);
    expect(await store.catalog.version({ library: 'FASTIFY', version: '5.6.0' })).toMatchObject({
      status: 'failed',
      errorMessage: 'crawl aborted',
    });
    expect((await store.vectors.audit()).problems).toEqual([]);
    expect((await store.fts.audit()).problems).toEqual([]);
  });

  it('computes the same bm25, bit for bit', async () => {
    const { legacy, target } = await converted('level-14-three-libraries');
    const scores = (file: string, word: string) =>
      new Database(file)
        .prepare(
          `SELECT rowid AS id, bm25(documents_fts, 10, 1, 5, 1) AS score
           FROM documents_fts WHERE documents_fts MATCH ? ORDER BY rowid`,
        )
        .all([`"${word}"`]);
    for (const word of ['plugin', 'request', 'the', 'stream', 'log', 'http']) {
      const expected = scores(legacy, word);
      expect(expected.length).toBeGreaterThan(0);
      expect(scores(target, word)).toEqual(expected);
    }
  });

  it('a converted store can be written like any other, and reuses no id', async () => {
    const legacy = unpackStore('level-14-three-libraries');
    const target = tempFile('converted.db');
    await convertLegacyStore({ source: legacy, target: { type: 'file', path: target } });
    const [{ seq }] = new Database(legacy)
      .prepare(`SELECT seq FROM sqlite_sequence WHERE name = 'documents'`)
      .all([]) as [{ seq: number }];
    const store = createStore(target);
    await store.open();
    const [written] = await store.apply([
      {
        kind: 'replacePage',
        version: { library: 'pino', version: '' },
        page: { url: 'https://example.org/new', title: 'New' },
        chunks: [
          {
            content: 'xylophone',
            metadata: { types: ['text'], level: 0, path: [] },
            vector: new Float32Array(512).fill(0.1),
          },
        ],
      },
    ]);
    expect(written.chunkIds).toEqual([seq + 1]);
    expect(
      await store.fts.match({ version: { library: 'pino', version: '' }, terms: ['xylophone'], limit: 3 }),
    ).toHaveLength(1);
    expect((await store.fts.audit()).problems).toEqual([]);
  });
});
