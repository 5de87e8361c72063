import assert from 'node:assert/strict';
import { contractGroup } from '../suite/contract-test.js';
import { chunk, fastify, vector, write } from '../support/build.js';
import { assertFound, assertMatches } from '../support/declared.js';
import { dump } from '../support/dump.js';

export const pageDeletionTests = contractGroup('pages', [
  [
    'delete',
    'deleting a page by id or by URL deletes its chunks, full-text entries and vectors and counts them; other pages stay',
    async (t) => {
      const backend = await t.open();
      const { pageId } = await write(backend, fastify, '/a', [
        chunk('zebra', { vector: vector(1, 0, 0, 0) }),
        chunk('two'),
      ]);
      await write(backend, fastify, '/b', [chunk('zebra')]);
      const kept = await write(backend, fastify, '/c', [chunk('zebra', { vector: vector(1, 1, 0, 0) })]);
      const results = await backend.apply([
        { kind: 'deletePage', page: { pageId } },
        { kind: 'deletePage', page: { version: fastify, url: '/b' } },
      ]);
      assert.deepEqual(results, [
        { kind: 'deletePage', pagesDeleted: 1, chunksDeleted: 2 },
        { kind: 'deletePage', pagesDeleted: 1, chunksDeleted: 1 },
      ]);
      assert.deepEqual(
        (await backend.catalog.pages(fastify)).map(({ url }) => url),
        ['/c'],
      );
      await assertFound(backend, fastify, { word: 'zebra', near: vector(1, 0, 0, 0) }, kept.chunkIds);
    },
  ],
  [
    'delete-one-of-two-equal-vectors',
    'deleting one of two chunks with the same text and vector leaves the other findable',
    async (t) => {
      const backend = await t.open();
      for (let round = 0; round < 5; round++) {
        const twin = chunk('zebra', { vector: vector(1, 2, 3, 4) });
        await write(backend, fastify, '/a', [twin]);
        const b = await write(backend, fastify, '/b', [twin]);
        await backend.apply([{ kind: 'deletePage', page: { version: fastify, url: '/a' } }]);
        await assertFound(backend, fastify, { word: 'zebra', near: vector(1, 2, 3, 4) }, b.chunkIds);
      }
    },
  ],
  [
    'delete-unknown',
    'deleting a missing page, or the pages of a missing version, changes nothing and is not an error',
    async (t) => {
      const backend = await t.open();
      await write(backend, fastify, '/a', [chunk('one')]);
      const before = await dump(backend);
      const none = { pagesDeleted: 0, chunksDeleted: 0 };
      const results = await backend.apply([
        { kind: 'deletePage', page: { pageId: 987_654 } },
        { kind: 'deletePage', page: { version: fastify, url: '/b' } },
        { kind: 'deletePage', page: { version: { library: 'x', version: '1' }, url: '/a' } },
        { kind: 'deletePages', version: { library: 'fastify', version: '' } },
        { kind: 'deletePages', version: { versionId: 987_654 } },
      ]);
      assert.deepEqual(results, [
        { kind: 'deletePage', ...none },
        { kind: 'deletePage', ...none },
        { kind: 'deletePage', ...none },
        { kind: 'deletePages', ...none },
        { kind: 'deletePages', ...none },
      ]);
      assert.deepEqual(await dump(backend), before);
    },
  ],
  [
    'delete-all',
    'deleting the pages of a version counts pages and chunks and keeps the version',
    async (t) => {
      const backend = await t.open();
      await write(backend, fastify, '/a', [chunk('zebra', { vector: vector(1, 0, 0, 0) }), chunk('two')]);
      await write(backend, fastify, '/b', []);
      const { versionId } = await write(backend, fastify, '/c', [chunk('zebra')]);
      assert.deepEqual(await backend.apply([{ kind: 'deletePages', version: { versionId } }]), [
        { kind: 'deletePages', pagesDeleted: 3, chunksDeleted: 3 },
      ]);
      assert.equal((await backend.catalog.version(fastify))?.id, versionId);
      assert.deepEqual(await backend.catalog.pages(fastify), []);
      assert.deepEqual(await backend.vectors.stats(), { indexed: 0, without: 0, unusable: 0 });
      await assertMatches(backend, fastify, 'zebra', []);
    },
  ],
]);
