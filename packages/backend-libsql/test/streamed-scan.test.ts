import type { Metric } from '@switchyard/storage-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../tests/support/random.mjs';
import { readGeneration } from '../src/vectors/generations.js';
import { Reader } from './support/reader.js';
import { chunk, openStore, page } from './support/store.js';
import { tempFile } from './support/temp.js';

const DIMENSION = 16;

/** Few different directions and lengths, so that there are ties within a page and across pages. */
const vector = fc
  .array(fc.constantFrom(0, 1, -1, 0.5, 0.25), { minLength: DIMENSION, maxLength: DIMENSION })
  .map((values) => Float32Array.from(values));

/** A page gets these chunks in place of those it has, under the same ids; none for a page that goes. */
const write = fc.record({
  page: fc.integer({ min: 0, max: 5 }),
  vectors: fc.array(vector, { maxLength: 12 }),
});

const next = seededRandom();

function random(): Float32Array {
  return Float32Array.from({ length: DIMENSION }, () => next() - 0.5);
}

function chunks(count: number) {
  return Array.from({ length: count }, (_, i) => chunk(`chunk ${i}`, { vector: random() }));
}

describe.each<Metric>(['cosine', 'l2'])('a streamed scan, %s', (metric) => {
  it('equals measuring every vector, whatever was replaced and removed since', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(write, { minLength: 1, maxLength: 40 }),
        fc.array(vector, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 20 }),
        async (writes, queries, limit) => {
          const file = tempFile();
          const store = await openStore(file);
          await store.vectors.reconcile({ model: 'm', dimension: DIMENSION, metric }, 'refuse');
          for (const { page: at, vectors } of writes) {
            await store.apply([
              page(
                `https://a/${at}`,
                vectors.map((values, i) => chunk(`${i}`, { id: at * 20 + i + 1, vector: values })),
              ),
            ]);
          }
          await store.close();
          for (const query of queries) {
            const reader = new Reader(file, { keptAtOnce: -1, canFallBack: false });
            reader.check(1, query, limit);
            expect(reader.cache.report()).toMatchObject({
              streamedScans: 1,
              loads: 0,
              bytes: 0,
              refusals: 0,
            });
            reader.close();
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('equals a scan of codes in memory, over many log entries', async () => {
    const file = tempFile();
    const store = await openStore(file);
    await store.vectors.reconcile({ model: 'm', dimension: DIMENSION, metric }, 'refuse');
    for (let at = 0; at < 20; at++) await store.apply([page(`https://a/${at}`, chunks(700))]);
    const kept = new Reader(file, { canFallBack: false });
    const third = new Set(Array.from({ length: 14_000 }, (_, at) => at).filter((id) => id % 3 === 0));
    for (const [limit, passing] of [
      [10, third],
      [500, third],
      [20, new Set([5, 4_999, 13_999, 77_777])],
    ] as const) {
      const streaming = new Reader(file, { keptAtOnce: 0, canFallBack: false });
      const query = random();
      const hits = streaming.search(1, query, limit, passing);
      const all = kept.search(1, query, 14_000);
      expect(hits).toEqual(all.filter(({ chunkId }) => passing.has(chunkId)).slice(0, limit));
      expect(hits).toEqual(kept.search(1, query, limit, passing));
      expect(hits).toEqual(
        kept.engine.search(kept.profile, {
          versionId: 1,
          vector: query,
          limit,
          passing,
          generations: readGeneration(kept.driver, 1),
        }),
      );
      expect(streaming.cache.report()).toMatchObject({ streamedScans: 1, loads: 0 });
      streaming.close();
    }
    for (const limit of [1, 10, 500]) {
      const streaming = new Reader(file, { keptAtOnce: 0, canFallBack: false });
      const query = random();
      expect(streaming.search(1, query, limit)).toEqual(kept.search(1, query, limit));
      expect(streaming.cache.report()).toMatchObject({ streamedScans: 1, loads: 0 });
      streaming.close();
    }
    kept.close();
    await store.close();
  });
});

describe('the cache of codes', () => {
  it('keeps a large version from its second search, and a small one from its first', async () => {
    const file = tempFile();
    const store = await openStore(file);
    await store.vectors.reconcile({ model: 'm', dimension: DIMENSION, metric: 'l2' }, 'refuse');
    await store.apply([
      page('https://a/', chunks(1000), { library: 'l', version: 'large' }),
      page('https://a/', chunks(100), { library: 'l', version: 'small' }),
    ]);
    const reader = new Reader(file, { keptAtOnce: 20_000 });
    reader.check(2, random(), 3);
    expect(reader.cache.report()).toMatchObject({ versions: 1, loads: 1, streamedScans: 0 });
    reader.check(1, random(), 3);
    expect(reader.cache.report()).toMatchObject({ versions: 1, loads: 1, streamedScans: 1 });
    for (let search = 0; search < 3; search++) reader.check(1, random(), 3);
    expect(reader.cache.report()).toMatchObject({ versions: 2, loads: 2, streamedScans: 1, hits: 2 });
    reader.close();
    await store.close();
  });

  it('streams the log for a version that does not fit, and uses the engine if the log is incomplete', async () => {
    const file = tempFile();
    const store = await openStore(file);
    await store.vectors.reconcile({ model: 'm', dimension: DIMENSION, metric: 'l2' }, 'refuse');
    await store.apply([page('https://a/', chunks(1000))]);
    const reader = new Reader(file, { limit: 20_000 });
    for (let search = 0; search < 3; search++) reader.check(1, random(), 3);
    expect(reader.cache.report()).toMatchObject({ streamedScans: 3, refusals: 3, loads: 0, bytes: 0 });
    // Somebody removes a vector behind the back of the log.
    reader.driver.run('DELETE FROM document_vectors WHERE document_id = 7');
    for (let search = 0; search < 3; search++) reader.check(1, random(), 3);
    expect(reader.cache.report()).toMatchObject({ streamedScans: 3, refusals: 6 });
    reader.close();
    await store.close();
  });

  it('recomputes the codes if the log is damaged', async () => {
    const file = tempFile();
    const store = await openStore(file);
    await store.vectors.reconcile({ model: 'm', dimension: DIMENSION, metric: 'l2' }, 'refuse');
    await store.apply([page('https://a/', chunks(100))]);
    const reader = new Reader(file, { keptAtOnce: 0, canFallBack: false });
    reader.driver.run('UPDATE vector_codes SET codes = substr(codes, 1, 500)');
    expect(reader.check(1, random(), 3)).toBe(3);
    expect(reader.cache.report()).toMatchObject({ streamedScans: 0, loads: 1 });
    reader.close();
    await store.close();
  });
});
