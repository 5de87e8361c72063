import type { Mutation, StorageBackend } from '@switchyard/storage-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../tests/support/random.mjs';
import { compactLog, rewriteLog, versionsWithLogs } from '../src/vectors/codes/code-log.js';
import { bumpGeneration, readGeneration } from '../src/vectors/generations.js';
import { Reader } from './support/reader.js';
import { chunk, fastify, openStore, page } from './support/store.js';
import { tempFile } from './support/temp.js';

const DIMENSION = 8;
const VERSION_ID = 1;

const next = seededRandom();

function random(dimension = DIMENSION, from = next): Float32Array {
  return Float32Array.from({ length: dimension }, () => from() - 0.5);
}

async function filled(file: string, dimension = DIMENSION): Promise<StorageBackend> {
  const store = await openStore(file);
  await store.vectors.reconcile({ model: 'm', dimension, metric: 'cosine' }, 'refuse');
  return store;
}

function entries(reader: Reader): { entries: number; vectors: number } {
  return (
    reader.driver.first('SELECT count(*) AS entries, sum(vectors) AS vectors FROM vector_codes') ?? {
      entries: 0,
      vectors: 0,
    }
  );
}

function compactAllLogs({ driver, profile }: Reader): void {
  driver.transaction(() => {
    for (const versionId of versionsWithLogs(driver, profile)) compactLog(driver, profile, versionId);
  });
}

/** Pages 0 to 9 with chunks of ids of their own, so that ids come back with other vectors. */
function write(number: number, chunks: number, from = next): Mutation {
  return page(
    `https://a/${number}`,
    Array.from({ length: chunks }, (_, index) =>
      chunk('words', { id: 1 + number * 10 + index, vector: index === 3 ? null : random(DIMENSION, from) }),
    ),
  );
}

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .tuple(fc.nat(9), fc.integer({ min: 1, max: 6 }), fc.nat())
      .map(([number, chunks, seed]) => write(number, chunks, seededRandom(seed))),
  },
  {
    weight: 3,
    arbitrary: fc.nat(9).map(
      (number): Mutation => ({
        kind: 'deletePage',
        page: { version: fastify, url: `https://a/${number}` },
      }),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Mutation>({ kind: 'deletePages', version: fastify }) },
);

describe('the log of codes', () => {
  it('brings every reader up to date, however far behind, after any sequence of writes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            writes: fc.array(mutation, { minLength: 1, maxLength: 3 }),
            readers: fc.subarray([0, 1, 2]),
            compact: fc.integer({ min: 0, max: 40 }).map((dice) => dice === 0),
          }),
          { minLength: 100, maxLength: 220 },
        ),
        async (story) => {
          const file = tempFile();
          const store = await filled(file);
          const queries = seededRandom(1);
          const query = () => random(DIMENSION, queries);
          const readers = [0, 1, 2].map(() => new Reader(file, { canFallBack: false }));
          for (const step of story) {
            await store.apply(step.writes);
            const [first] = readers as [Reader];
            if (step.compact) compactAllLogs(first);
            for (const index of step.readers) readers[index]?.check(VERSION_ID, query(), 5);
          }
          for (const reader of readers) reader.check(VERSION_ID, query(), 100);
          expect((await store.vectors.audit()).problems).toEqual([]);
          for (const reader of readers) reader.close();
          await store.close();
        },
      ),
      { numRuns: 16 },
    );
  });

  it('stays short: small entries are merged, and readers in the middle of one continue without rereading it', async () => {
    const file = tempFile();
    const store = await filled(file);
    const readers = [new Reader(file, { canFallBack: false }), new Reader(file, { canFallBack: false })];
    const [often, seldom] = readers as [Reader, Reader];
    for (let number = 0; number < 300; number++) {
      await store.apply([write(number, 4)]);
      if (number % 7 === 0) often.check(VERSION_ID, random(), 10);
      if (number % 100 === 17) seldom.check(VERSION_ID, random(), 10);
    }
    // One that was folded, fewer than 96 small ones, and those since the last look at them.
    expect(entries(often).entries).toBeLessThan(1 + 96 + 32);
    expect(often.cache.report()).toMatchObject({ loads: 1, updates: 42 });
    expect(seldom.cache.report()).toMatchObject({ loads: 1, updates: 2 });
    for (const reader of readers) reader.close();
  });

  it('drops replaced entries once there are many', async () => {
    const file = tempFile();
    const store = await filled(file);
    const reader = new Reader(file, { canFallBack: false });
    for (let round = 0; round < 400; round++) await store.apply([write(round % 10, 7)]);
    // Without it there would be 2,400 vectors and 2,340 removals.
    expect(entries(reader).vectors).toBeLessThan(1500);
    reader.check(VERSION_ID, random(), 100);
    compactAllLogs(reader);
    expect(entries(reader)).toEqual({ entries: 1, vectors: 60 });
    reader.check(VERSION_ID, random(), 100);
    expect(reader.cache.report().loads).toBe(1);
    reader.close();
  });

  it('splits a large write into blocks', async () => {
    const file = tempFile();
    const store = await filled(file, 4096);
    await store.apply([
      page(
        'https://a/',
        Array.from({ length: 600 }, (_, i) => chunk(`${i}`, { vector: random(4096) })),
      ),
    ]);
    const reader = new Reader(file, { canFallBack: false });
    expect(entries(reader)).toEqual({ entries: 3, vectors: 600 });
    reader.check(VERSION_ID, random(4096), 20);
    reader.close();
  });

  it('is rebuilt by the next write after foreign software changed vectors and only raised the generation', async () => {
    const file = tempFile();
    const store = await filled(file);
    await store.apply([write(0, 6), write(1, 6)]);
    const reader = new Reader(file, { canFallBack: false });
    reader.check(VERSION_ID, random(), 20);
    reader.driver.transaction(() => {
      reader.driver.run('UPDATE document_vectors SET embedding = ?1 WHERE document_id = 2', [
        new Uint8Array(random().buffer),
      ]);
      bumpGeneration(reader.driver, VERSION_ID);
    });
    reader.check(VERSION_ID, random(), 20);
    expect(readGeneration(reader.driver, VERSION_ID)).toMatchObject({ generation: 2, coded: 1 });
    await store.apply([write(2, 6)]);
    const { generation, coded } = readGeneration(reader.driver, VERSION_ID);
    expect(coded).toBe(generation);
    expect(reader.check(VERSION_ID, random(), 20)).toBe(15);
    expect((await store.vectors.audit()).problems).toEqual([]);
    reader.close();
  });

  it('does not change results when it is damaged; the audit reports it and a rebuild repairs it', async () => {
    const file = tempFile();
    const store = await filled(file);
    await store.apply([write(0, 6), write(1, 6)]);
    const damage = [
      'UPDATE vector_codes SET codes = zeroblob(length(codes))',
      'UPDATE vector_codes SET codes = substr(codes, 1, 50)',
      'DELETE FROM vector_codes',
    ];
    for (const statement of damage) {
      const reader = new Reader(file, { canFallBack: false });
      reader.driver.exec(statement);
      expect(reader.check(VERSION_ID, random(), 20)).toBe(10);
      expect((await store.vectors.audit()).problems.length).toBeGreaterThan(0);
      await store.vectors.rebuild();
      expect((await store.vectors.audit()).problems).toEqual([]);
      expect(reader.check(VERSION_ID, random(), 20)).toBe(10);
      reader.close();
    }
  });

  it.each([
    'UPDATE vector_codes SET codes = zeroblob(length(codes)) WHERE codes IS NOT NULL',
    'UPDATE vector_codes SET codes = substr(codes, 1, 50) WHERE codes IS NOT NULL',
    "UPDATE vector_codes SET codes = substr(codes, 1, length(codes) - 1) || x'5a' WHERE codes IS NOT NULL",
  ])('is rewritten from the vectors when it is compacted or folded while damaged: %s', async (statement) => {
    for (const isFolded of [false, true]) {
      const file = tempFile();
      const store = await filled(file);
      for (let number = 0; number < 10; number++) await store.apply([write(number, 6)]);
      const reader = new Reader(file, { canFallBack: false });
      reader.driver.exec(statement);
      if (isFolded) {
        for (let round = 0; round < 60; round++) await store.apply([write(round % 10, 6)]);
      }
      await store.optimize?.();
      expect((await store.vectors.audit()).problems).toEqual([]);
      expect(reader.check(VERSION_ID, random(), 20)).toBe(20);
      reader.close();
      await store.close();
    }
  });

  it('is bypassed if vectors disappeared unrecorded: the engine searches, and the next search notices', async () => {
    const file = tempFile();
    const store = await filled(file);
    await store.apply([write(0, 6), write(1, 6)]);
    const reader = new Reader(file);
    reader.check(VERSION_ID, random(), 20);
    reader.driver.exec('DELETE FROM document_vectors WHERE document_id < 5');
    expect(reader.check(VERSION_ID, random(), 20)).toBe(7);
    expect(reader.check(VERSION_ID, random(), 20)).toBe(7);
    reader.driver.transaction(() => rewriteLog(reader.driver, reader.profile, VERSION_ID));
    expect(reader.check(VERSION_ID, random(), 20)).toBe(7);
    reader.close();
  });

  it('follows a change of the dimension', async () => {
    const store = await filled(':memory:');
    await store.apply([write(0, 6)]);
    const search = (vector: Float32Array) => store.vectors.nearest({ version: fastify, vector, limit: 9 });
    expect(await search(random())).toHaveLength(5);
    await store.vectors.reconcile({ model: 'other', dimension: 3, metric: 'l2' }, 'reset');
    expect(await search(random(3))).toEqual([]);
    const vector = new Float32Array([1, 2, 3]);
    await store.apply([page('https://a/0', [chunk('words', { id: 1, vector })])]);
    expect(await search(vector)).toEqual([{ chunkId: 1, distance: 0 }]);
  });
});
