import assert from 'node:assert/strict';
import type { Metric } from '@switchyard/storage-core';
import { distance, type VectorHit } from '@switchyard/storage-core/backend';
import fc from 'fast-check';
import { adopt, type TestContext } from '../suite/context.js';
import { contractGroup } from '../suite/contract-test.js';
import { assertClose } from '../support/assertions.js';
import { chunk, fastify, vector, write } from '../support/build.js';
import { idsOf, nearest, store } from '../support/find-vectors.js';

const other = { library: 'fastify', version: '4.0.0' };

/** The distances expected for a query with one metric. */
async function distances(
  t: TestContext,
  metric: Metric,
  query: Float32Array,
  cases: readonly (readonly [stored: Float32Array, expected: number])[],
): Promise<void> {
  const backend = await t.open({ metric });
  const ids = await store(
    backend,
    cases.map(([stored]) => stored),
  );
  const hits = await nearest(backend, query, 99);
  assert.equal(hits.length, cases.length);
  for (const [index, [stored, expected]] of cases.entries()) {
    const hit = hits.find(({ chunkId }) => chunkId === ids[index]);
    assertClose(hit?.distance ?? Number.NaN, expected, 1e-5, `distance to [${stored.join(', ')}]`);
  }
  const found = hits.map((hit) => hit.distance);
  assert.deepEqual(
    found,
    [...found].sort((a, b) => a - b),
    'ascending',
  );
}

/** Expected hits: every distance in float64, ties ordered by id. */
function expectedHits(
  metric: Metric,
  ids: readonly number[],
  vectors: readonly Float32Array[],
  query: Float32Array,
): VectorHit[] {
  return vectors
    .map((values, i) => ({ chunkId: ids[i] as number, distance: distance(metric, query, values) }))
    .sort((a, b) => a.distance - b.distance || a.chunkId - b.chunkId);
}

/** Vectors of numbers from −1 to 1 (mulberry32 generator); every fifth one repeats an earlier one. */
function randomVectors(seed: number, count: number, dimension: number): Float32Array[] {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
  const vectors: Float32Array[] = [];
  for (let i = 0; i < count; i++) {
    const repeated = i % 5 === 4 ? vectors[i >> 1] : undefined;
    vectors.push(repeated?.slice() ?? Float32Array.from({ length: dimension }, next));
  }
  return vectors;
}

export const vectorDistanceTests = contractGroup(
  'vectors',
  [
    [
      'distance-l2',
      'l2 is the Euclidean distance, ascending',
      (t) =>
        distances(t, 'l2', vector(1, 2, 3, 4), [
          [vector(1, 2, 3, 8), 4],
          [vector(1, 2, 3, 4), 0],
          [vector(0, 0, 0, 0), Math.sqrt(30)],
          [vector(-1, -2, -3, -4), Math.sqrt(120)],
          [vector(2, 2, 3, 4), 1],
        ]),
      { metric: 'l2' },
    ],
    [
      'distance-cosine',
      'cosine is 1 − cosine similarity, from 0 to 2, for any lengths, ascending',
      (t) =>
        distances(t, 'cosine', vector(1, 2, 3, 4), [
          [vector(-2, -4, -6, -8), 2],
          [vector(3, 6, 9, 12), 0],
          [vector(2, -1, 0, 0), 1],
          [vector(1, 0, 0, 0), 1 - 1 / Math.sqrt(30)],
        ]),
      { metric: 'cosine' },
    ],
    [
      'no-length-cosine',
      'the cosine distance is 1 if the stored vector has zero length, and for every chunk if the query has',
      async (t) => {
        await distances(t, 'cosine', vector(1, 0, 0, 0), [
          [vector(0, 0, 0, 0), 1],
          [vector(1, 0, 0, 0), 0],
          [vector(-1, 0, 0, 0), 2],
        ]);
        await distances(t, 'cosine', vector(0, 0, 0, 0), [
          [vector(1, 0, 0, 0), 1],
          [vector(0, 0, 0, 0), 1],
          [vector(-5, 2, 0, 0), 1],
        ]);
      },
      { metric: 'cosine' },
    ],
    [
      'no-length-l2',
      'vectors and queries of zero length have ordinary Euclidean distances',
      (t) =>
        distances(t, 'l2', vector(0, 0, 0, 0), [
          [vector(3, 4, 0, 0), 5],
          [vector(0, 0, 0, 0), 0],
        ]),
      { metric: 'l2' },
    ],
    [
      'huge-components-l2',
      'components near the largest float32 have finite distances in the right order',
      (t) =>
        distances(t, 'l2', vector(3e38, 0, 0, 0), [
          [vector(-3e38, 0, 0, 0), 2 * Math.fround(3e38)],
          [vector(3e38, 3e38, 0, 0), Math.fround(3e38)],
          [vector(3e38, 0, 0, 0), 0],
          [vector(0, 1e38, 0, 0), Math.hypot(Math.fround(3e38), Math.fround(1e38))],
        ]),
      { metric: 'l2' },
    ],
    [
      'huge-components-cosine',
      'components near the largest float32 have the cosine distance of their directions',
      (t) =>
        distances(t, 'cosine', vector(3e38, 0, 0, 0), [
          [vector(-3e38, 0, 0, 0), 2],
          [vector(3e38, 3e38, 0, 0), 1 - Math.SQRT1_2],
          [vector(1, 0, 0, 0), 0],
        ]),
      { metric: 'cosine' },
    ],
    [
      'tiny-components-cosine',
      'components whose squares underflow float32 have the cosine distance of their directions',
      (t) =>
        distances(t, 'cosine', vector(1, 0, 0, 0), [
          [vector(-1e-30, 0, 0, 0), 2],
          [vector(1e-44, 1e-44, 0, 0), 1 - Math.SQRT1_2],
          [vector(1e-30, 0, 0, 0), 0],
        ]),
      { metric: 'cosine' },
    ],
    [
      'every-dimension',
      'search is correct for dimensions that fill no SIMD register: 1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33, 100, 384',
      async (t) => {
        const backend = await t.open();
        for (const dimension of [1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33, 100, 384]) {
          if (dimension > backend.capabilities.maxDimension) continue;
          await adopt(backend, dimension);
          const values = Array.from({ length: 12 }, (_, row) =>
            Float32Array.from({ length: dimension }, (_, i) => Math.sin(1 + row * 7.3 + i * (row + 1))),
          );
          const query = Float32Array.from({ length: dimension }, (_, i) => Math.cos(i * 1.7));
          const ids = await store(backend, values);
          const metric = (await backend.vectors.profile())?.metric as Metric;
          const expected = expectedHits(metric, ids, values, query);
          const hits = await nearest(backend, query, 12);
          assert.deepEqual(idsOf(hits), idsOf(expected), `dimension ${dimension}`);
          for (const [i, hit] of hits.entries()) {
            assertClose(
              hit.distance,
              expected[i]?.distance ?? Number.NaN,
              1e-5,
              `dimension ${dimension}, place ${i}`,
            );
          }
        }
      },
    ],
    [
      'exact',
      'exact search gives the same hits as comparing with every vector, for random vectors and limits',
      async (t) => {
        const dimension = 24;
        for (const metric of (await t.create()).backend.capabilities.metrics) {
          const backend = await t.open({ dimension, metric });
          const inputs = fc.record({
            seed: fc.integer(),
            rows: fc.integer({ min: 1, max: 60 }),
            limit: fc.integer({ min: 0, max: 70 }),
          });
          await t.check(inputs, async ({ seed, rows, limit }) => {
            const [query, ...values] = randomVectors(seed, rows + 1, dimension) as [
              Float32Array,
              ...Float32Array[],
            ];
            const ids = await store(backend, values);
            const expected = expectedHits(metric, ids, values, query).slice(0, limit);
            const hits = await nearest(backend, query, limit);
            assert.deepEqual(idsOf(hits), idsOf(expected));
            for (const [i, hit] of hits.entries()) {
              assertClose(hit.distance, expected[i]?.distance ?? Number.NaN, 1e-5, `place ${i}`);
            }
          });
        }
      },
    ],
    [
      'near-ties',
      'distances that float32 cannot tell apart are ordered by their float64 values',
      async (t) => {
        const dimension = 16;
        for (const metric of (await t.create()).backend.capabilities.metrics) {
          const backend = await t.open({ dimension, metric });
          const base = Float32Array.from({ length: dimension }, (_, i) => 0.5 + Math.sin(i));
          const query = Float32Array.from({ length: dimension }, (_, i) => Math.cos(i * 3));
          const values = Array.from({ length: 40 }, (_, row) => {
            const copy = base.slice();
            const at = (row * 5) % dimension;
            copy[at] = (copy[at] as number) * (1 + (((row * 11) % 7) - 3) * 2 ** -23);
            return copy;
          });
          const ids = await store(backend, values);
          const expected = idsOf(expectedHits(metric, ids, values, query));
          assert.deepEqual(idsOf(await nearest(backend, query, 40)), expected, metric);
          for (const limit of [1, 7, 20]) {
            assert.deepEqual(
              idsOf(await nearest(backend, query, limit)),
              expected.slice(0, limit),
              `${metric}, limit ${limit}`,
            );
          }
        }
      },
    ],
    [
      'approximate-modes',
      'an approximate mode returns hits of the version with correct distances, ascending, within the limit',
      async (t) => {
        const backend = await t.open();
        const values = Array.from({ length: 40 }, (_, i) => vector(Math.sin(i), Math.cos(i), i / 40, 1));
        const ids = await store(backend, values);
        await write(backend, other, '/vectors', [chunk('near', { vector: vector(1, 1, 1, 1) })]);
        const query = vector(1, 1, 1, 1);
        const metric = (await backend.vectors.profile())?.metric as Metric;
        for (const mode of backend.capabilities.searchModes) {
          if (mode === 'diskann') await backend.annIndexes?.build(fastify);
          const hits = await backend.vectors.nearest({ version: fastify, vector: query, limit: 5, mode });
          assert.ok(hits.length > 0 && hits.length <= 5, `${mode}: ${hits.length} hits`);
          for (const [i, hit] of hits.entries()) {
            const at = ids.indexOf(hit.chunkId);
            assert.notEqual(at, -1, `${mode}: chunk ${hit.chunkId} is not of this version`);
            assertClose(hit.distance, distance(metric, query, values[at] as Float32Array), 1e-5, mode);
            assert.ok(i === 0 || (hits[i - 1] as VectorHit).distance <= hit.distance, `${mode}: ascending`);
          }
        }
      },
    ],
  ],
  { capability: 'vectors' },
);
