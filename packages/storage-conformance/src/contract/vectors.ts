import assert from 'node:assert/strict';
import type { VersionRef } from '@switchyard/storage-core';
import { testModel } from '../suite/context.js';
import { contractGroup } from '../suite/contract-test.js';
import { rejects, rejectsAsMistake } from '../support/assertions.js';
import { chunk, fastify, vector, write } from '../support/build.js';
import { idsOf, nearest, store } from '../support/find-vectors.js';

const other = { library: 'fastify', version: '4.0.0' };

export const vectorTests = contractGroup(
  'vectors',
  [
    [
      'has-any',
      'hasAny() tells whether one of some versions has a vector that can be found, at any time',
      async (t) => {
        const backend = await t.open();
        const unknown = { library: 'nope', version: '1' };
        const hasAny = (...versions: VersionRef[]) => backend.vectors.hasAny({ versions, model: testModel });
        assert.equal(await hasAny(fastify), false);
        await write(backend, other, '/a', [chunk('without a vector')]);
        assert.equal(await hasAny(fastify, other, unknown), false);
        await write(backend, fastify, '/a', [chunk('one', { vector: vector(1, 0, 0, 0) })]);
        assert.equal(await hasAny(fastify), true);
        assert.equal(await hasAny(unknown, other, { library: 'FASTIFY', version: '5.6.0' }), true);
        const versionId = (await backend.catalog.version(fastify))?.id ?? 0;
        assert.equal(await hasAny({ versionId }), true);
        assert.equal(await hasAny(other, unknown, { versionId: 987_654 }), false);
        assert.equal(await hasAny(), false);
        await write(backend, fastify, '/a', [chunk('without a vector')]);
        assert.equal(await hasAny(fastify), false);
        await rejects(
          () => backend.vectors.hasAny({ versions: [fastify], model: 'other:model' }),
          'STORAGE_MODEL_CHANGED',
        );
        const empty = await t.open({ profile: false });
        assert.equal(await empty.vectors.hasAny({ versions: [fastify], model: 'any:model' }), false);
      },
    ],
    [
      'ties',
      'ties are ordered by chunk id, in any order of writing',
      async (t) => {
        const backend = await t.open();
        const twin = () => vector(1, 2, 3, 4);
        const ids = [...(await store(backend, [twin(), twin(), twin()], '/b'))];
        ids.push(...(await store(backend, [twin(), twin()], '/a')));
        ids.push(...(await store(backend, [twin(), twin()], '/b')));
        const alive = ids.slice(3).sort((a, b) => a - b);
        assert.deepEqual(idsOf(await nearest(backend, vector(1, 2, 3, 5), 99)), alive);
      },
    ],
    [
      'ties-at-the-limit',
      'among ties at the limit, those with the smallest ids are returned',
      async (t) => {
        const backend = await t.open();
        const near = await store(backend, [vector(1, 0, 0, 0)], '/near');
        const twins: number[] = [];
        for (const url of ['/c', '/a', '/b']) {
          twins.push(
            ...(await store(
              backend,
              Array.from({ length: 9 }, () => vector(0, 1, 0, 0)),
              url,
            )),
          );
        }
        twins.sort((a, b) => a - b);
        for (const limit of [1, 2, 5, 10, 27]) {
          const expected = [...near, ...twins].slice(0, limit);
          assert.deepEqual(
            idsOf(await nearest(backend, vector(1, 0, 0, 0), limit)),
            expected,
            `limit ${limit}`,
          );
        }
      },
    ],
    [
      'ties-with-given-ids',
      'ties are ordered by chunk id even if the ids were assigned in descending order',
      async (t) => {
        const backend = await t.open();
        const ids = [90, 70, 80, 10, 60, 20];
        await write(
          backend,
          fastify,
          '/a',
          ids.map((id) => chunk('x', { id, vector: vector(0, 1, 0, 0) })),
        );
        assert.deepEqual(idsOf(await nearest(backend, vector(1, 0, 0, 0), 4)), [10, 20, 60, 70]);
      },
      { capability: 'assignedIds' },
    ],
    [
      'ties-of-scaled-vectors',
      'vectors of the same direction have the same cosine distance and are ordered by id',
      async (t) => {
        const backend = await t.open({ metric: 'cosine' });
        const ids = await store(
          backend,
          [8, 1, 0.25, 64, 2, 0.5].map((by) => vector(by, 2 * by, -by, 0)),
        );
        assert.deepEqual(idsOf(await nearest(backend, vector(1, 1, 1, 1), 3)), ids.slice(0, 3));
        assert.deepEqual(idsOf(await nearest(backend, vector(1, 1, 1, 1), 9)), ids);
      },
      { metric: 'cosine' },
    ],
    [
      'limits',
      'a limit of 0 returns nothing, 1 the nearest, and a limit beyond the number of hits everything',
      async (t) => {
        const backend = await t.open();
        const ids = await store(backend, [vector(0, 1, 0, 0), vector(1, 0.1, 0, 0), vector(-1, 0, 0, 0)]);
        const query = vector(1, 0, 0, 0);
        const order = [ids[1], ids[0], ids[2]];
        assert.deepEqual(await nearest(backend, query, 0), []);
        for (const limit of [1, 2, 3]) {
          assert.deepEqual(idsOf(await nearest(backend, query, limit)), order.slice(0, limit));
        }
        for (const limit of [4, 1000, 100_000, 2 ** 31, Number.MAX_SAFE_INTEGER]) {
          assert.deepEqual(idsOf(await nearest(backend, query, limit)), order, `limit ${limit}`);
        }
      },
    ],
    [
      'bad-limits',
      'a limit that is not a non-negative integer is a TypeError',
      async (t) => {
        const backend = await t.open();
        for (const limit of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, '3' as unknown as number]) {
          await rejectsAsMistake(() => nearest(backend, vector(1, 0, 0, 0), limit), `limit ${limit}`);
        }
      },
    ],
    [
      'one-version-only',
      'only chunks of the version are found, even if others are nearer, and they fill the limit',
      async (t) => {
        const backend = await t.open();
        const far = await store(backend, [vector(0, 1, 0, 0), vector(0, 0, 1, 0), vector(0, 0, 0, 1)]);
        for (const version of [
          other,
          { library: 'pino', version: '5.6.0' },
          { library: 'fastify', version: '' },
        ]) {
          const nearer = Array.from({ length: 30 }, () => chunk('near', { vector: vector(1, 0, 0, 0) }));
          await write(backend, version, '/vectors', nearer);
        }
        assert.deepEqual(idsOf(await nearest(backend, vector(1, 0, 0, 0), 3)), far);
        const unknown = {
          version: { library: 'fastify', version: '9' },
          vector: vector(1, 0, 0, 0),
          limit: 5,
        };
        assert.deepEqual(await backend.vectors.nearest(unknown), []);
      },
    ],
    [
      'chunks-without-vector',
      'chunks without a vector are not found by vector; structural ones with a vector are',
      async (t) => {
        const backend = await t.open();
        const structural = { types: ['structural'], level: 0, path: [] };
        const { chunkIds } = await write(backend, fastify, '/a', [
          chunk('none'),
          chunk('heading', { vector: vector(1, 0, 0, 0), metadata: structural }),
          chunk('text', { vector: vector(0, 1, 0, 0) }),
        ]);
        assert.deepEqual(idsOf(await nearest(backend, vector(1, 0, 0, 0), 9)), chunkIds.slice(1));
        assert.deepEqual(await backend.vectors.stats(), { indexed: 2, without: 1, unusable: 0 });
      },
    ],
    [
      'given-by-id',
      'a version given by id is searched like one given by names',
      async (t) => {
        const backend = await t.open();
        const ids = await store(backend, [vector(1, 0, 0, 0)]);
        const version = await backend.catalog.version(fastify);
        assert.ok(version !== null);
        const query = { version: { versionId: version.id }, vector: vector(1, 0, 0, 0), limit: 5 };
        assert.deepEqual(idsOf(await backend.vectors.nearest(query)), ids);
      },
    ],
  ],
  { capability: 'vectors' },
);
