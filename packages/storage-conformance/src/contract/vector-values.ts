import assert from 'node:assert/strict';
import type { StorageBackend } from '@switchyard/storage-core';
import fc from 'fast-check';
import { testDimension } from '../suite/context.js';
import { contractGroup } from '../suite/contract-test.js';
import { assertSameBytes, rejects, rejectsAsMistake } from '../support/assertions.js';
import { chunk, fastify, replacePage, vector, write } from '../support/build.js';
import { dump } from '../support/dump.js';

const maintained = { capability: 'vectorMaintenance' } as const;

async function storedVectors(backend: StorageBackend): Promise<(Float32Array | null)[]> {
  const pages = await backend.catalog.snapshot({ version: fastify, limit: 99 });
  return pages.flatMap(({ chunks }) => chunks.map((one) => one.vector));
}

/** Every finite float32 number, by its bits. */
const anyFloat32 = fc
  .uint8Array({ minLength: 4, maxLength: 4 })
  .map((bytes) => new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0))
  .filter((value) => Number.isFinite(value) && !Object.is(value, -0));

export const vectorValueTests = contractGroup(
  'vector-values',
  [
    [
      'bytes-are-kept',
      'a vector keeps its bytes for any finite numbers',
      async (t) => {
        const backend = await t.open();
        await t.check(
          fc.array(anyFloat32, { minLength: testDimension, maxLength: testDimension }),
          async (values) => {
            const given = Float32Array.from(values);
            await write(backend, fastify, '/a', [chunk('one', { vector: given })]);
            assertSameBytes((await storedVectors(backend))[0] ?? null, given, `[${values.join(', ')}]`);
          },
        );
      },
    ],
    [
      'extreme-bytes-are-kept',
      'the largest, the smallest and denormal numbers keep their bytes',
      async (t) => {
        const backend = await t.open();
        const extremes = [
          vector(
            3.4028234663852886e38,
            -3.4028234663852886e38,
            1.1754943508222875e-38,
            1.401298464324817e-45,
          ),
          vector(-1.401298464324817e-45, 1e-40, 0.1, 1 / 3),
          vector(0, 0, 0, 0),
        ];
        await write(
          backend,
          fastify,
          '/a',
          extremes.map((values) => chunk('x', { vector: values })),
        );
        for (const [i, stored] of (await storedVectors(backend)).entries()) {
          assertSameBytes(stored, extremes[i] ?? null, `vector ${i}`);
        }
      },
    ],
    [
      'negative-zero-is-kept',
      'a negative zero keeps its sign',
      async (t) => {
        const backend = await t.open();
        const given = vector(-0, 1, 0, -0);
        await write(backend, fastify, '/a', [chunk('x', { vector: given })]);
        assertSameBytes((await storedVectors(backend))[0] ?? null, given, 'vector');
      },
    ],
    [
      'views-into-larger-buffers',
      'a vector that is a view into a larger buffer is stored and searched by its own part only',
      async (t) => {
        const backend = await t.open();
        const large = Float32Array.from({ length: 32 }, (_, i) => i + 1);
        const views = [large.subarray(5, 9), large.subarray(13, 17), large.subarray(28, 32)];
        const { chunkIds } = await write(
          backend,
          fastify,
          '/a',
          views.map((view) => chunk('x', { vector: view })),
        );
        for (const [i, stored] of (await storedVectors(backend)).entries()) {
          assertSameBytes(stored, views[i]?.slice() ?? null, `vector ${i}`);
        }
        for (const [i, view] of views.entries()) {
          const [hit] = await backend.vectors.nearest({ version: fastify, vector: view, limit: 1 });
          assert.equal(hit?.chunkId, chunkIds[i]);
          assert.ok(Math.abs(hit?.distance ?? 1) < 1e-6);
        }
      },
    ],
    [
      'not-finite-is-refused',
      'NaN and infinities in any component are rejected with STORAGE_INVALID_VECTOR, stored or searched',
      async (t) => {
        const backend = await t.open();
        await write(backend, fastify, '/a', [chunk('one', { vector: vector(1, 0, 0, 0) })]);
        const before = await dump(backend);
        for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
          for (let at = 0; at < testDimension; at++) {
            const values = vector(1, 2, 3, 4);
            values[at] = bad;
            const what = `${bad} at ${at}`;
            const error = await rejects(
              () => write(backend, fastify, '/b', [chunk('x', { vector: values })]),
              'STORAGE_INVALID_VECTOR',
              what,
            );
            assert.equal(error.outcome, 'not-applied');
            await rejects(
              () => backend.vectors.nearest({ version: fastify, vector: values, limit: 5 }),
              'STORAGE_INVALID_VECTOR',
              what,
            );
          }
        }
        const both = vector(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0);
        await rejects(
          () => write(backend, fastify, '/b', [chunk('x', { vector: both })]),
          'STORAGE_INVALID_VECTOR',
          'both',
        );
        assert.deepEqual(await dump(backend), before);
      },
    ],
    [
      'empty-is-refused',
      'a vector without components is rejected with STORAGE_INVALID_VECTOR, stored or searched',
      async (t) => {
        const backend = await t.open();
        const before = await dump(backend);
        const empty = new Float32Array();
        await rejects(
          () => write(backend, fastify, '/a', [chunk('x', { vector: empty })]),
          'STORAGE_INVALID_VECTOR',
        );
        await rejects(
          () => backend.vectors.nearest({ version: fastify, vector: empty, limit: 5 }),
          'STORAGE_INVALID_VECTOR',
        );
        assert.deepEqual(await dump(backend), before);
      },
    ],
    [
      'wrong-dimension-is-refused',
      'a vector of another dimension is rejected with STORAGE_DIMENSION_MISMATCH naming both, stored or searched',
      async (t) => {
        const backend = await t.open();
        await write(backend, fastify, '/a', [chunk('one', { vector: vector(1, 0, 0, 0) })]);
        const before = await dump(backend);
        for (const length of [1, 3, 5, 8, 1536]) {
          const values = new Float32Array(length).fill(0.5);
          for (const call of [
            () =>
              write(backend, fastify, '/b', [
                chunk('good', { vector: vector(1, 1, 1, 1) }),
                chunk('x', { vector: values }),
              ]),
            () => backend.vectors.nearest({ version: fastify, vector: values, limit: 5 }),
          ]) {
            const { message } = await rejects(call, 'STORAGE_DIMENSION_MISMATCH', `length ${length}`);
            assert.ok(message.includes(String(length)) && message.includes(String(testDimension)), message);
          }
        }
        assert.deepEqual(await dump(backend), before);
      },
    ],
    [
      'not-a-float32array',
      'anything other than a Float32Array is a TypeError, stored or searched',
      async (t) => {
        const backend = await t.open();
        for (const values of [
          [1, 2, 3, 4],
          new Float64Array(4),
          Buffer.alloc(16),
          '[1,2,3,4]',
        ] as unknown as Float32Array[]) {
          await rejectsAsMistake(
            () => write(backend, fastify, '/a', [chunk('x', { vector: values })]),
            'stored',
          );
          await rejectsAsMistake(
            () => backend.vectors.nearest({ version: fastify, vector: values, limit: 5 }),
            'searched',
          );
        }
      },
    ],
    [
      'large-pages',
      'a page with a hundred vectors of 1,536 dimensions is stored and found, byte for byte',
      async (t) => {
        const dimension = Math.min(1536, (await t.create()).backend.capabilities.maxDimension);
        const backend = await t.open({ dimension });
        const values = Array.from({ length: 100 }, (_, row) =>
          Float32Array.from({ length: dimension }, (_, i) => Math.sin(row * 31 + i * 0.7)),
        );
        const { chunkIds } = await write(
          backend,
          fastify,
          '/a',
          values.map((one, i) => chunk(`text ${i}`, { vector: one })),
        );
        for (const [i, stored] of (await storedVectors(backend)).entries()) {
          assertSameBytes(stored, values[i] ?? null, `vector ${i}`);
        }
        const [hit] = await backend.vectors.nearest({
          version: fastify,
          vector: values[57] as Float32Array,
          limit: 1,
        });
        assert.equal(hit?.chunkId, chunkIds[57]);
      },
    ],
    [
      'stats',
      'statistics count searchable vectors and chunks without one, through every kind of write',
      async (t) => {
        const backend = await t.open();
        const stats = async (indexed: number, without: number) =>
          assert.deepEqual(await backend.vectors.stats(), { indexed, without, unusable: 0 });
        const one = () => chunk('x', { vector: vector(1, 0, 0, 0) });
        await stats(0, 0);
        await write(backend, fastify, '/a', [one(), one(), chunk('y')]);
        await stats(2, 1);
        await write(backend, { library: 'pino', version: '' }, '/a', [one()]);
        await stats(3, 1);
        await backend.apply([replacePage(fastify, '/a', [chunk('y'), one()])]);
        await stats(2, 1);
        await backend.apply([{ kind: 'deletePages', version: fastify }]);
        await stats(1, 0);
        await backend.apply([{ kind: 'removeVersion', version: { library: 'pino', version: '' } }]);
        await stats(0, 0);
      },
    ],
    [
      'rebuild',
      'rebuilding the vector index changes no result and no read',
      async (t) => {
        const backend = await t.open();
        await write(backend, fastify, '/a', [
          ...Array.from({ length: 20 }, (_, i) => chunk(`x ${i}`, { vector: vector(1, i % 5, 0, i) })),
          chunk('none'),
        ]);
        await write(backend, fastify, '/gone', [chunk('x', { vector: vector(1, 0, 0, 0) })]);
        await backend.apply([{ kind: 'deletePage', page: { version: fastify, url: '/gone' } }]);
        const query = { version: fastify, vector: vector(1, 1, 0, 0), limit: 99 };
        const before = [await dump(backend), await backend.vectors.nearest(query)];
        await backend.vectors.rebuild();
        assert.deepEqual([await dump(backend), await backend.vectors.nearest(query)], before);
      },
      maintained,
    ],
    [
      'audit',
      'the audit of a sound store checks every chunk and finds no problem, after every kind of write',
      async (t) => {
        const backend = await t.open();
        await write(backend, fastify, '/a', [chunk('x', { vector: vector(1, 0, 0, 0) }), chunk('none')]);
        await write(backend, fastify, '/a', [chunk('y', { vector: vector(0, 0, 0, 0) }), chunk('none')]);
        await write(backend, fastify, '/gone', [chunk('x', { vector: vector(1, 0, 0, 0) })]);
        await backend.apply([{ kind: 'deletePage', page: { version: fastify, url: '/gone' } }]);
        const { checked, problems } = await backend.vectors.audit();
        assert.deepEqual(problems, []);
        assert.equal(checked, 2, 'every chunk counts');
      },
      maintained,
    ],
  ],
  { capability: 'vectors' },
);
