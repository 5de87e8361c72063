import type { StorageBackend } from '@switchyard/storage-core';
import type { AnnIndexes } from '@switchyard/storage-core/backend';
import { describe, expect, it } from 'vitest';
import { chunk, fastify, openStore, page } from './support/store.js';
import { tempFile } from './support/temp.js';

const dimension = 16;
const other = { library: 'fastify', version: '4.0.0' } as const;

function vectorOf(seed: number): Float32Array {
  return Float32Array.from({ length: dimension }, (_, at) =>
    Math.sin(seed * 12.9898 + at * 78.233 + seed * at),
  );
}

function indexesOf(store: StorageBackend): AnnIndexes {
  if (store.annIndexes === undefined) throw new TypeError('A local store has these indexes.');
  return store.annIndexes;
}

/** 240 chunks, every vector twice; as many nearer ones in another version. */
async function filled(connection: string): Promise<StorageBackend> {
  const store = await openStore(connection);
  await store.vectors.reconcile({ model: 'test:model', dimension, metric: 'cosine' }, 'refuse');
  for (let at = 0; at < 12; at++) {
    const chunks = Array.from({ length: 20 }, (_, i) =>
      chunk(`word${i}`, { vector: vectorOf((at % 6) * 20 + i) }),
    );
    await store.apply([page(`/${at}`, chunks), page(`/${at}`, chunks, other)]);
  }
  return store;
}

async function compared(store: StorageBackend, seed: number) {
  const query = { version: fastify, vector: vectorOf(seed), limit: 10 };
  const exact = await store.vectors.nearest(query);
  return { exact, found: await store.vectors.nearest({ ...query, mode: 'diskann' }) };
}

describe('mode diskann', () => {
  it('is refused without an index, with advice, and offered by local stores only', async () => {
    const store = await filled(':memory:');
    await expect(compared(store, 1)).rejects.toMatchObject({
      code: 'STORAGE_NOT_SUPPORTED',
      message: expect.stringContaining('--build'),
    });
    expect(store.capabilities.searchModes).toContain('diskann');
  });

  it('estimates its cost before it is built', async () => {
    const store = await filled(':memory:');
    const estimate = await indexesOf(store).estimate(fastify);
    expect(estimate).toMatchObject({ vectors: 240, built: false });
    expect(estimate.bytes).toBeGreaterThan(240 * dimension * 4);
    expect(estimate.hazards.length).toBeGreaterThan(2);
    await indexesOf(store).build(fastify);
    expect(await indexesOf(store).estimate(fastify)).toMatchObject({ built: true });
  });

  it('finds equal vectors, and the remaining one after the other is deleted; excludes other versions', async () => {
    const store = await filled(tempFile());
    await indexesOf(store).build(fastify);
    let same = 0;
    for (let seed = 0; seed < 40; seed++) {
      const { exact, found } = await compared(store, seed);
      expect(found.slice(0, 2)).toEqual(exact.slice(0, 2));
      same += found.filter(({ chunkId }) => exact.some((hit) => hit.chunkId === chunkId)).length;
    }
    expect(same / 400).toBeGreaterThan(0.9);

    await store.apply([page('/0', []), page('/7', [])]);
    for (let seed = 0; seed < 40; seed++) {
      const { exact, found } = await compared(store, seed);
      expect(found[0]).toEqual(exact[0]);
    }
    expect((await indexesOf(store).audit(fastify)).problems).toEqual([]);
  });

  it('finds vectors written later, including zero vectors, and drops replaced ones', async () => {
    const store = await filled(':memory:');
    await indexesOf(store).build(fastify);
    await store.apply([
      page('/0', [
        chunk('new', { vector: vectorOf(999) }),
        chunk('zero', { vector: new Float32Array(dimension) }),
      ]),
    ]);
    const { exact, found } = await compared(store, 999);
    expect(found[0]).toEqual(exact[0]);
    expect(found[0]?.distance).toBeCloseTo(0, 6);
    expect((await indexesOf(store).audit(fastify)).problems).toEqual([]);
    await indexesOf(store).build(fastify);
    expect((await compared(store, 999)).found[0]).toEqual(exact[0]);
    expect((await store.vectors.audit()).problems).toEqual([]);
  });

  it('can be dropped, and is dropped with all vectors when the model changes', async () => {
    const store = await filled(':memory:');
    await indexesOf(store).build(fastify);
    expect(await indexesOf(store).drop(fastify)).toBe(true);
    expect(await indexesOf(store).drop(fastify)).toBe(false);
    await indexesOf(store).build(fastify);
    await store.vectors.reconcile({ model: 'other', dimension: 8, metric: 'l2' }, 'reset');
    expect(await indexesOf(store).drop(fastify)).toBe(false);
    await store.apply([page('/0', [chunk('one', { vector: new Float32Array(8).fill(1) })])]);
    await indexesOf(store).build(fastify);
    const query = {
      version: fastify,
      vector: new Float32Array(8).fill(1),
      limit: 3,
      mode: 'diskann' as const,
    };
    expect(await store.vectors.nearest(query)).toHaveLength(1);
  });
});
