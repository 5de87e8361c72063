import assert from 'node:assert/strict';
import { contractGroup } from '../suite/contract-test.js';
import { chunk, fastify, resolve, write } from '../support/build.js';

export const catalogChunkTests = contractGroup('catalog', [
  [
    'has-chunks',
    'a version has chunks from its first chunk until its last one is deleted',
    async (t) => {
      const backend = await t.open();
      const has = () => backend.catalog.hasChunks(fastify);
      await resolve(backend, 'fastify', '5.6.0');
      await write(backend, { library: 'fastify', version: '4' }, '/a', [chunk('one')]);
      assert.equal(await has(), false);
      await write(backend, fastify, '/empty', []);
      assert.equal(await has(), false);
      await write(backend, fastify, '/a', [chunk('one')]);
      assert.equal(await has(), true);
      await backend.apply([{ kind: 'deletePage', page: { version: fastify, url: '/a' } }]);
      assert.equal(await has(), false);
    },
  ],
  [
    'chunks-by-ids',
    'chunks by ids are the existing ones, each once, ordered by sort order, then by id',
    async (t) => {
      const backend = await t.open();
      const a = await write(backend, fastify, '/a', [chunk('a0'), chunk('a1'), chunk('a2')]);
      const b = await write(backend, fastify, '/b', [chunk('b0'), chunk('b1')]);
      const asked = [...b.chunkIds, 987_654, ...[...a.chunkIds].reverse(), ...a.chunkIds];
      const chunks = await backend.catalog.chunks(asked);
      const expected = [
        ...a.chunkIds.map((id, order) => ({ id, order })),
        ...b.chunkIds.map((id, order) => ({ id, order })),
      ]
        .sort((x, y) => x.order - y.order || x.id - y.id)
        .map(({ id }) => id);
      assert.deepEqual(
        chunks.map(({ id }) => id),
        expected,
      );
      assert.deepEqual(await backend.catalog.chunks([]), []);
    },
  ],
  [
    'very-many-ids',
    'forty thousand chunk ids can be requested at once',
    async (t) => {
      const backend = await t.open();
      const { chunkIds } = await write(backend, fastify, '/a', [chunk('a0'), chunk('a1')]);
      const asked = [...Array.from({ length: 40_000 }, (_, i) => 1_000_000 + i), ...chunkIds];
      assert.deepEqual(
        (await backend.catalog.chunks(asked)).map(({ id }) => id),
        chunkIds,
      );
    },
  ],
  [
    'given-sort-order',
    'an explicit sort order determines the order; ties are ordered by id',
    async (t) => {
      const backend = await t.open();
      const orders = [30, 10, 20, 10];
      const { chunkIds } = await write(
        backend,
        fastify,
        '/a',
        orders.map((sortOrder, i) => chunk(`c${i}`, { sortOrder })),
      );
      const [c0, c1, c2, c3] = chunkIds as [number, number, number, number];
      const records = await backend.catalog.chunksByUrl(fastify, '/a');
      assert.deepEqual(
        records.map(({ id }) => id),
        [...[c1, c3].sort((a, b) => a - b), c2, c0],
      );
      assert.deepEqual(
        records.map(({ sortOrder }) => sortOrder),
        [10, 10, 20, 30],
      );
      assert.deepEqual(await backend.catalog.chunks(chunkIds), records);
    },
  ],
]);
