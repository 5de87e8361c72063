import assert from 'node:assert/strict';
import type { StorageBackend } from '@switchyard/storage-core';
import { testDimension } from '../suite/context.js';
import { contractGroup } from '../suite/contract-test.js';
import { chunk, fastify, resolve, under, vector, write } from '../support/build.js';
import { assertFound, assertMatches, hasFts, hasVectors, searchBoth } from '../support/declared.js';
import { dump } from '../support/dump.js';

const persistent = { capability: 'persistent' } as const;

export const persistenceTests = contractGroup('persistence', [
  [
    'everything',
    'a reopened store contains everything it contained before: libraries, versions, pages, chunks, vectors, profile',
    async (t) => {
      const { backend, again } = await t.openStore();
      const { versionId } = await resolve(backend, 'pino', '');
      await backend.apply([
        { kind: 'setVersionStatus', version: { versionId }, status: 'failed', errorMessage: 'no route' },
        {
          kind: 'setScraperOptions',
          version: { versionId },
          sourceUrl: 'https://getpino.io',
          options: { depth: 3 },
        },
      ]);
      await write(backend, fastify, { url: '/a', title: 'Routes', depth: 2 }, [
        chunk('one', { vector: vector(0.1, 0.2, 0.3, 0.4), metadata: under(['A', 'B']) }),
        chunk('two'),
      ]);
      const before = await dump(backend);
      assert.deepEqual(await dump(await again()), before);
    },
    persistent,
  ],
  [
    'searches',
    'searches give the same hits after the store is reopened',
    async (t) => {
      const { backend, again } = await t.openStore();
      await write(
        backend,
        fastify,
        '/a',
        Array.from({ length: 12 }, (_, i) => chunk(`route ${i}`, { vector: vector(1, i, i % 3, 0) })),
      );
      const query = { version: fastify, vector: new Float32Array(testDimension).fill(0.5), limit: 5 };
      const ftsQuery = { version: fastify, terms: ['route', '7'], limit: 5 };
      const search = async (store: StorageBackend) => [
        hasVectors(store) ? await store.vectors.nearest(query) : null,
        hasFts(store) ? await store.fts.match(ftsQuery) : null,
      ];
      const before = await search(backend);
      assert.deepEqual(await search(await again()), before);
    },
    persistent,
  ],
  [
    'deletions',
    'deletions and replacements persist after the store is reopened',
    async (t) => {
      const { backend, again } = await t.openStore();
      await write(backend, fastify, '/gone', [chunk('zebra', { vector: vector(1, 0, 0, 0) })]);
      await write(backend, fastify, '/a', [chunk('zebra', { vector: vector(1, 0, 0, 0) })]);
      const { chunkIds } = await write(backend, fastify, '/a', [
        chunk('okapi', { vector: vector(0, 1, 0, 0) }),
      ]);
      await backend.apply([{ kind: 'deletePage', page: { version: fastify, url: '/gone' } }]);
      const next = await again();
      await assertMatches(next, fastify, 'zebra', []);
      await assertFound(next, fastify, { word: 'okapi', near: vector(1, 0, 0, 0) }, chunkIds);
      assert.equal((await next.catalog.pages(fastify)).length, 1);
    },
    persistent,
  ],
  [
    'seen-by-another-connection',
    'a second backend on the same store sees writes of the first immediately, and vice versa',
    async (t) => {
      const { backend, reopen } = await t.openStore();
      assert.ok(reopen !== undefined);
      await write(backend, fastify, '/a', [chunk('zebra', { vector: vector(1, 0, 0, 0) })]);
      const second = await reopen();
      await second.open();
      const assertCounts = async (chunks: number, vectors: number) => {
        for (const one of [backend, second]) {
          assert.equal((await one.inspect()).counts.chunks, chunks);
          const { fts, near } = await searchBoth(one, fastify, { word: 'zebra', near: vector(1, 0, 0, 0) });
          assert.equal(fts?.length ?? chunks, chunks);
          assert.equal(near?.length ?? vectors, vectors);
        }
      };
      await assertCounts(1, 1);
      await write(second, fastify, '/b', [chunk('zebra', { vector: vector(0, 1, 0, 0) })]);
      await assertCounts(2, 2);
      await backend.apply([{ kind: 'deletePages', version: fastify }]);
      await assertCounts(0, 0);
      await write(second, fastify, '/c', [chunk('zebra', { vector: vector(0, 0, 1, 0) }), chunk('zebra')]);
      await assertCounts(2, 1);
    },
    persistent,
    { capability: 'multiProcess' },
    { hook: 'reopen' },
  ],
  [
    'profile-seen-by-another-connection',
    'a second backend on the same store sees a new profile immediately and rejects vectors of the old dimension',
    async (t) => {
      const { backend, reopen } = await t.openStore();
      assert.ok(reopen !== undefined);
      const second = await reopen();
      await second.open();
      assert.equal((await second.vectors.profile())?.dimension, testDimension);
      await backend.vectors.reconcile({ model: 'conformance:two', dimension: 2 }, 'reset');
      assert.equal((await second.vectors.profile())?.dimension, 2);
      await assert.rejects(write(second, fastify, '/a', [chunk('one', { vector: vector(1, 0, 0, 0) })]), {
        code: 'STORAGE_DIMENSION_MISMATCH',
      });
      await write(second, fastify, '/a', [chunk('one', { vector: vector(1, 0) })]);
      const hits = await backend.vectors.nearest({ version: fastify, vector: vector(1, 0), limit: 9 });
      assert.equal(hits.length, 1);
    },
    { capability: 'vectors' },
    persistent,
    { capability: 'multiProcess' },
    { hook: 'reopen' },
  ],
]);
