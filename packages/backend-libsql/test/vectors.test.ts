import type { Metric, StorageBackend } from '@switchyard/storage-core';
import { distance, type VectorHit } from '@switchyard/storage-core/backend';
import fc from 'fast-check';
import Database from 'libsql';
import { describe, expect, it } from 'vitest';
import { chunk, fastify, openStore, page } from './support/store.js';
import { tempFile } from './support/temp.js';

async function storeOf(
  vectors: readonly Float32Array[],
  metric: Metric,
  connection?: string,
): Promise<StorageBackend> {
  const store = await openStore(connection);
  await store.vectors.reconcile({ model: 'a:b', dimension: vectors[0]?.length ?? 1, metric }, 'refuse');
  await store.apply([
    page(
      '/a',
      vectors.map((vector, i) => chunk(`${i}`, { vector })),
    ),
  ]);
  return store;
}

function bruteForce(
  vectors: readonly Float32Array[],
  query: Float32Array,
  metric: Metric,
  limit: number,
): VectorHit[] {
  return vectors
    .map((vector, index) => ({ chunkId: index + 1, distance: distance(metric, query, vector) }))
    .sort((a, b) => a.distance - b.distance || a.chunkId - b.chunkId)
    .slice(0, limit);
}

const component = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.float({ min: -1, max: 1, noNaN: true }),
  fc.constantFrom(0, -0, 1, -1, 1e-30, 1e30, 3e38, 1e-45).map(Math.fround),
);

describe('nearest', () => {
  it.each(['cosine', 'l2'] as const)(
    'agrees with brute force for vectors of any scale: %s',
    async (metric) => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 6 }).chain((dimension) => {
            const vector = fc
              .array(component, { minLength: dimension, maxLength: dimension })
              .map((components) => new Float32Array(components));
            return fc.record({
              vectors: fc.array(vector, { minLength: 1, maxLength: 40 }),
              query: vector,
              limit: fc.integer({ min: 1, max: 45 }),
            });
          }),
          async ({ vectors, query, limit }) => {
            const store = await storeOf(vectors, metric);
            const hits = await store.vectors.nearest({ version: fastify, vector: query, limit });
            await store.close();
            expect(hits).toEqual(bruteForce(vectors, query, metric, limit));
          },
        ),
        { numRuns: 60 },
      );
    },
  );

  it.each(['cosine', 'l2'] as const)(
    'decides ties and near-ties in float64, far beyond the limit too: %s',
    async (metric) => {
      const dimension = 48;
      const base = Float32Array.from({ length: dimension }, (_, i) => Math.sin(i + 1));
      // Copies that differ by one unit in the last place, which float32 sums cannot tell apart, and equal ones.
      const vectors = Array.from({ length: 200 }, (_, i) => {
        const copy = base.slice();
        const at = i % dimension;
        copy[at] = Math.fround((copy[at] as number) * (1 + (i % 3) * 2 ** -23));
        return copy;
      });
      const query = base.map((value, i) => value + 0.01 * Math.cos(i));
      const store = await storeOf(vectors, metric);
      for (const limit of [1, 7, 50, 199, 200, 500]) {
        const hits = await store.vectors.nearest({ version: fastify, vector: query, limit });
        expect(hits).toEqual(bruteForce(vectors, query, metric, limit));
      }
    },
  );

  it('returns cosine distance 1 for zero vectors, and for all vectors to a zero query', async () => {
    const vectors = [
      [1, 0],
      [0, 0],
      [-1, 0],
      [0, 0],
    ].map((components) => new Float32Array(components));
    const store = await storeOf(vectors, 'cosine');
    const nearest = async (x: number, y: number) =>
      (await store.vectors.nearest({ version: fastify, vector: new Float32Array([x, y]), limit: 9 })).map(
        ({ chunkId, distance: found }) => [chunkId, found],
      );
    expect(await nearest(1, 0)).toEqual([
      [1, 0],
      [2, 1],
      [4, 1],
      [3, 2],
    ]);
    expect(await nearest(0, 0)).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
      [4, 1],
    ]);
  });

  it('reports bytes that are not a vector of the store, without failing', async () => {
    const file = tempFile();
    const store = await storeOf(
      [new Float32Array([1, 0]), new Float32Array([0, 1]), new Float32Array([1, 1])],
      'cosine',
      file,
    );
    const other = new Database(file);
    other.exec("UPDATE document_vectors SET embedding = x'00000000' WHERE document_id = 1");
    other.exec("UPDATE document_vectors SET embedding = x'0000c07f0000c07f' WHERE document_id = 2");
    other.exec(
      "INSERT INTO document_vectors (document_id, version_id, embedding) VALUES (99, 1, x'0000803f0000803f')",
    );
    const query = { version: fastify, vector: new Float32Array([1, 0]), limit: 5 };
    expect((await store.vectors.nearest(query)).map(({ chunkId }) => chunkId)).toEqual([3, 99]);
    expect(await store.vectors.stats()).toEqual({ indexed: 2, without: 0, unusable: 1 });
    expect((await store.vectors.audit()).problems.map(({ kind, chunkId }) => [kind, chunkId])).toEqual([
      ['unusable', 1],
      ['unusable', 2],
      ['orphan', 99],
    ]);
    await store.vectors.rebuild();
    expect((await store.vectors.audit()).problems).toEqual([]);
    expect((await store.vectors.nearest(query)).map(({ chunkId }) => chunkId)).toEqual([3]);
    other.close();
  });

  it('repairs the other columns of a vector row', async () => {
    const file = tempFile();
    const store = await storeOf([new Float32Array([1, 0]), new Float32Array([0, 0])], 'cosine', file);
    const other = new Database(file);
    other.exec('UPDATE document_vectors SET version_id = 5 WHERE document_id = 1');
    other.exec('UPDATE document_vectors SET unscaled = 0 WHERE document_id = 2');
    expect((await store.vectors.audit()).problems.map(({ kind }) => kind)).toEqual(['damaged', 'damaged']);
    await store.vectors.rebuild();
    expect((await store.vectors.audit()).problems).toEqual([]);
    expect(
      await store.vectors.nearest({ version: fastify, vector: new Float32Array([1, 0]), limit: 5 }),
    ).toHaveLength(2);
    other.close();
  });
});

describe('the generation of a version', () => {
  it('increases with every change of its vectors and with no other', async () => {
    const file = tempFile();
    const store = await storeOf([new Float32Array([1, 0])], 'cosine', file);
    const other = new Database(file);
    const generations = () =>
      (
        other
          .prepare('SELECT version_id AS v, generation AS g FROM vector_generations ORDER BY v')
          .all([]) as { v: number; g: number }[]
      ).map(({ v, g }) => `${v}:${g}`);
    const start = generations();
    expect(start).toEqual(['1:1']);
    await store.apply([
      page('/words', [chunk('no vector')]),
      { kind: 'setVersionStatus', version: fastify, status: 'queued' },
    ]);
    await store.apply([{ kind: 'deletePage', page: { version: fastify, url: '/words' } }]);
    expect(generations()).toEqual(start);

    const seen = new Set(start);
    const changes = [
      () => store.apply([page('/b', [chunk('x', { vector: new Float32Array([0, 1]) })])]),
      () => store.apply([page('/b', [chunk('x')])]),
      () => store.apply([{ kind: 'deletePages', version: fastify }]),
      () => store.apply([page('/b', [chunk('x', { vector: new Float32Array([0, 1]) })])]),
      () => store.vectors.reconcile({ model: 'a:b', dimension: 3 }, 'reset'),
      () => store.apply([page('/b', [chunk('x', { vector: new Float32Array([0, 1, 0]) })])]),
      () => store.apply([{ kind: 'removeVersion', version: fastify }]),
    ];
    for (const change of changes) {
      await change();
      const [now] = generations();
      expect(seen.has(now ?? '')).toBe(false);
      seen.add(now ?? '');
    }
    other.close();
  });
});

it('names both models and dimensions when the profile changes, and keeps full text on a reset', async () => {
  const store = await storeOf([new Float32Array([1, 0])], 'l2');
  await expect(store.vectors.reconcile({ model: 'c:d', dimension: 5 }, 'refuse')).rejects.toMatchObject({
    code: 'STORAGE_MODEL_CHANGED',
    message: expect.stringMatching(/a:b \(2 components, l2\).*c:d \(5 components, l2\)/),
  });
  expect(await store.vectors.reconcile({ model: 'c:d', dimension: 5, metric: 'cosine' }, 'reset')).toEqual({
    outcome: 'reset',
    profile: { model: 'c:d', dimension: 5, metric: 'cosine' },
    previous: { model: 'a:b', dimension: 2, metric: 'l2' },
    vectorsDropped: 1,
  });
  expect(await store.fts.match({ version: fastify, terms: ['0'], limit: 5 })).toHaveLength(1);
  expect(await store.vectors.stats()).toEqual({ indexed: 0, without: 1, unusable: 0 });
});
