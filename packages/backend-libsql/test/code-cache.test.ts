import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import { seededRandom } from '../../../tests/support/random.mjs';
import { Reader } from './support/reader.js';
import { chunk, openStore, page } from './support/store.js';
import { tempFile } from './support/temp.js';

const DIMENSION = 64;

const next = seededRandom();

function random(): Float32Array {
  return Float32Array.from({ length: DIMENSION }, () => next() - 0.5);
}

/** Creates versions 1 to `versions` with `vectors` vectors each. */
async function storeOf(versions: number, vectors: number): Promise<string> {
  const file = tempFile();
  const store = await openStore(file);
  await store.vectors.reconcile({ model: 'm', dimension: DIMENSION, metric: 'l2' }, 'refuse');
  for (let version = 1; version <= versions; version++) {
    const chunks = Array.from({ length: vectors }, (_, i) => chunk(`${i}`, { vector: random() }));
    await store.apply([page('https://a/', chunks, { library: 'l', version: `${version}` })]);
  }
  await store.close();
  return file;
}

describe('the cache of codes', () => {
  it('keeps the most recently used versions, within its limit', async () => {
    const file = await storeOf(5, 1500); // 192 KiB each
    const limit = 450_000;
    const reader = new Reader(file, { limit });
    for (const version of [1, 2, 1, 3, 1, 2]) {
      reader.check(version, random(), 3);
      expect(reader.cache.report().bytes).toBeLessThanOrEqual(limit);
    }
    // 3 drove out 2, and 2 drove out 3; 1 was always used in between.
    expect(reader.cache.report()).toMatchObject({
      versions: 2,
      loads: 4,
      hits: 2,
      evictions: 2,
      refusals: 0,
    });
    reader.close();
  });

  it('leaves a version that does not fit to the engine, even if it has grown too large', async () => {
    const file = await storeOf(1, 1500);
    const reader = new Reader(file, { limit: 200_000 });
    expect(reader.check(1, random(), 3)).toBe(3);
    expect(reader.cache.report()).toMatchObject({ versions: 1, loads: 1 });
    const store = await openStore(file);
    const more = Array.from({ length: 1000 }, (_, i) => chunk(`${i}`, { vector: random() }));
    await store.apply([page('https://b/', more, { library: 'l', version: '1' })]);
    for (let search = 0; search < 3; search++) reader.check(1, random(), 3);
    expect(reader.cache.report()).toMatchObject({ versions: 0, bytes: 0, refusals: 2 });
    // It fits again when it shrinks.
    await store.apply([
      { kind: 'deletePages', version: { library: 'l', version: '1' } },
      page('https://b/', more.slice(0, 100), { library: 'l', version: '1' }),
    ]);
    reader.check(1, random(), 3);
    expect(reader.cache.report()).toMatchObject({ versions: 1, loads: 2 });
    reader.close();
  });

  it('keeps vectors of small versions from the second search on, and releases them before codes', async () => {
    const versions = 12;
    const file = await storeOf(versions, 1500); // 192 KiB of codes and 480 KB of vectors each
    const limit = 4_000_000;
    const reader = new Reader(file, { limit });
    const first = vi.spyOn(reader.driver, 'first');
    /** Searches and returns true if vectors were fetched from the store. */
    const fetches = (version: number, query: Float32Array) => {
      first.mockClear();
      reader.check(version, query, 3);
      return first.mock.calls.some(([sql]) => sql.includes('group_concat'));
    };
    const query = random();
    expect([fetches(1, query), fetches(1, query), fetches(1, query)]).toEqual([true, true, false]);
    for (let round = 0; round < 2; round++) {
      for (let version = 1; version <= versions; version++) {
        reader.check(version, random(), 3);
        expect(reader.cache.report().bytes).toBeLessThanOrEqual(limit);
      }
    }
    expect(reader.cache.report()).toMatchObject({ versions, loads: versions, evictions: 0, refusals: 0 });
    // A write to the version outdates them.
    const store = await openStore(file);
    await store.apply([
      page('https://b/', [chunk('new', { vector: random() })], { library: 'l', version: '1' }),
    ]);
    expect(reader.check(1, query, 3)).toBe(3);
    expect([fetches(1, query), fetches(1, query)]).toEqual([true, false]);
    await store.close();
    reader.close();
  });

  it('is off with a limit of 0', async () => {
    const file = await storeOf(1, 10);
    const reader = new Reader(file, { limit: 0 });
    expect(reader.check(1, random(), 3)).toBe(3);
    expect(reader.cache.report()).toMatchObject({ limit: 0, bytes: 0, hits: 0, loads: 0 });
    reader.close();
  });

  it('frees the memory of dropped versions', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const file = await storeOf(3, 20_000); // 1.7 MB each
    const reader = new Reader(file, { limit: 2_500_000 });
    const buffers = async (): Promise<number> => {
      // Memory of WebAssembly is given back by a collection that comes after the one that found it unused.
      for (let round = 0; round < 3; round++) {
        collect();
        await new Promise((resolve) => setImmediate(resolve));
      }
      return process.memoryUsage().arrayBuffers + process.memoryUsage().external;
    };
    reader.driver.readTransaction(() => reader.search(1, random(), 3));
    const before = await buffers();
    for (let round = 0; round < 30; round++) {
      reader.search(1 + (round % 3), random(), 3);
    }
    expect(reader.cache.report().evictions).toBeGreaterThan(25);
    // 30 loads of 1.7 MB, of which one is kept.
    expect((await buffers()) - before).toBeLessThan(8_000_000);
    reader.close();
  });

  it('is reported by inspect', async () => {
    const store = await openStore(':memory:');
    await store.vectors.reconcile({ model: 'm', dimension: DIMENSION }, 'refuse');
    const version = { library: 'l', version: '1' };
    await store.apply([page('https://a/', [chunk('words', { vector: random() })], version)]);
    for (let search = 0; search < 3; search++) {
      await store.vectors.nearest({ version, vector: random(), limit: 1 });
    }
    const { vectorCache, bytes } = await store.inspect();
    expect(vectorCache).toMatchObject({ limit: 512 * 2 ** 20, versions: 1, loads: 1, hits: 2 });
    expect(vectorCache?.bytes).toBeGreaterThan(DIMENSION);
    expect(bytes.vectorCodes).toBeGreaterThan(0);
  });
});
