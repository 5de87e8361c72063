import assert from 'node:assert/strict';
import type { Mutation } from '@switchyard/storage-core';
import { contractGroup } from '../suite/contract-test.js';
import { rejects } from '../support/assertions.js';
import { chunk, fastify, replacePage, resolve, vector, write } from '../support/build.js';
import { assertFound, assertMatches, searchBoth } from '../support/declared.js';
import { dump } from '../support/dump.js';

const assigned = { capability: 'assignedIds' } as const;

export const idTests = contractGroup('ids', [
  [
    'assigned',
    'rows get the ids that are given: library, version, page and chunks, including large ones, in any order',
    async (t) => {
      const backend = await t.open();
      const large = 2 ** 52 + 1;
      const [version] = await backend.apply([
        {
          kind: 'resolveVersion',
          library: 'fastify',
          version: '5.6.0',
          ids: { libraryId: 70, versionId: 60 },
        },
      ]);
      assert.deepEqual(version, { kind: 'resolveVersion', libraryId: 70, versionId: 60, created: true });
      const written = await write(backend, fastify, { id: 50, url: '/a' }, [
        chunk('zebra', { id: large, vector: vector(1, 0, 0, 0) }),
        chunk('zebra', { id: 40, vector: vector(1, 0, 0, 0) }),
      ]);
      assert.deepEqual(written, {
        kind: 'replacePage',
        versionId: 60,
        pageId: 50,
        chunkIds: [large, 40],
        chunksReplaced: 0,
      });
      assert.deepEqual(
        (await backend.catalog.chunks([40, large])).map(({ id }) => id),
        [large, 40],
      );
      await assertFound(backend, fastify, { word: 'zebra', near: vector(1, 0, 0, 0) }, [40, large]);
    },
    assigned,
  ],
  [
    'idempotent',
    'replacing a page with ids twice by the same write has, in every column, the same result as once',
    async (t) => {
      const backend = await t.open();
      const moment = '2024-01-02 03:04:05';
      const ids = { libraryId: 1, versionId: 2 };
      const list: readonly Mutation[] = [
        { kind: 'resolveVersion', library: 'fastify', version: '5.6.0', ids },
        replacePage(fastify, { id: 3, url: '/a', title: 'T', createdAt: moment, updatedAt: moment }, [
          chunk('zebra', { id: 5, vector: vector(1, 0, 0, 0), createdAt: moment }),
          chunk('okapi', { id: 4, createdAt: moment }),
        ]),
      ];
      await backend.apply(list);
      const searches = { word: 'okapi', near: vector(1, 0, 0, 0) };
      const once = [await dump(backend), await searchBoth(backend, fastify, searches)];
      for (let i = 0; i < 2; i++) {
        const results = await backend.apply(list);
        assert.deepEqual(results, [
          { kind: 'resolveVersion', ...ids, created: false },
          { kind: 'replacePage', versionId: 2, pageId: 3, chunkIds: [5, 4], chunksReplaced: 2 },
        ]);
      }
      const twice = [await dump(backend), await searchBoth(backend, fastify, searches)];
      assert.deepEqual(twice, once);
    },
    assigned,
  ],
  [
    'replace-without-ids-is-idempotent',
    'replacing a page without ids twice by the same write gives the same page and chunks, except for the chunk ids',
    async (t) => {
      const backend = await t.open();
      const moment = '2024-01-02 03:04:05';
      const list = [
        replacePage(fastify, { url: '/a', title: 'T', createdAt: moment, updatedAt: moment }, [
          chunk('zebra', { vector: vector(1, 0, 0, 0), createdAt: moment }),
          chunk('okapi', { createdAt: moment }),
        ]),
      ];
      const state = async () => {
        const { pages, counts } = await dump(backend);
        const chunks = pages.flatMap((page) => page.chunks.map((one) => ({ ...one, id: 0 })));
        return { page: pages[0]?.page, pages: pages.length, chunks, counts };
      };
      await backend.apply(list);
      const once = await state();
      await backend.apply(list);
      await backend.apply(list);
      assert.deepEqual(await state(), once);
    },
  ],
  [
    'mixed',
    'ids assigned by the store do not conflict with given ids',
    async (t) => {
      const backend = await t.open();
      await backend.apply([
        { kind: 'resolveVersion', library: 'a', version: '1', ids: { libraryId: 5, versionId: 5 } },
        replacePage({ versionId: 5 }, { id: 5, url: '/a' }, [
          chunk('one', { id: 6 }),
          chunk('two', { id: 7 }),
        ]),
      ]);
      for (let i = 0; i < 10; i++) {
        await resolve(backend, `library-${i}`, '1');
        await write(backend, { library: `library-${i}`, version: '1' }, '/a', [
          chunk('zebra'),
          chunk('okapi'),
        ]);
      }
      const { counts } = await backend.inspect();
      assert.deepEqual(counts, { libraries: 11, versions: 11, pages: 11, chunks: 22, vectors: 0 });
      assert.deepEqual(
        (await backend.catalog.chunks([6, 7])).map(({ content }) => content),
        ['one', 'two'],
      );
    },
    assigned,
  ],
  [
    'clashes',
    'an id that belongs to another row, or another id for an existing row, is STORAGE_CONSTRAINT',
    async (t) => {
      const backend = await t.open();
      await backend.apply([
        { kind: 'resolveVersion', library: 'a', version: '1', ids: { libraryId: 10, versionId: 20 } },
        { kind: 'resolveVersion', library: 'b', version: '1', ids: { libraryId: 11, versionId: 21 } },
        replacePage({ versionId: 20 }, { id: 30, url: '/a' }, [
          chunk('one', { id: 40 }),
          chunk('two', { id: 41 }),
        ]),
        replacePage({ versionId: 20 }, { id: 31, url: '/b' }, [chunk('one', { id: 42 })]),
      ]);
      const before = await dump(backend);
      const version = { versionId: 20 };
      const resolveWith = (
        library: string,
        name: string,
        libraryId: number,
        versionId: number,
      ): Mutation => ({
        kind: 'resolveVersion',
        library,
        version: name,
        ids: { libraryId, versionId },
      });
      const attempts: readonly (readonly [string, Mutation])[] = [
        ['a library under another id', resolveWith('a', '2', 99, 98)],
        ['a version under another id', resolveWith('a', '1', 10, 98)],
        ['a library id of another library', resolveWith('c', '1', 11, 98)],
        ['a version id of another version', resolveWith('a', '2', 10, 21)],
        ['a page under another id', replacePage(version, { id: 97, url: '/a' }, [chunk('x')])],
        ['a page id of another page', replacePage(version, { id: 31, url: '/a' }, [chunk('x')])],
        [
          'a page id of a page in another version',
          replacePage({ versionId: 21 }, { id: 30, url: '/a' }, [chunk('x')]),
        ],
        [
          'a page id of another page, for a new URL',
          replacePage(version, { id: 31, url: '/c' }, [chunk('x')]),
        ],
        ['a chunk id of another page', replacePage(version, '/a', [chunk('x', { id: 42 })])],
        ['a chunk id twice', replacePage(version, '/a', [chunk('x', { id: 96 }), chunk('y', { id: 96 })])],
      ];
      for (const [what, mutation] of attempts) {
        const error = await rejects(() => backend.apply([mutation]), 'STORAGE_CONSTRAINT', what);
        assert.equal(error.outcome, 'not-applied', what);
        assert.deepEqual(await dump(backend), before, what);
      }
    },
    assigned,
  ],
  [
    'put-version-clashes',
    'putting a version whose id or name, or whose library’s, belongs to another row is STORAGE_CONSTRAINT',
    async (t) => {
      const backend = await t.open();
      await backend.apply([
        { kind: 'resolveVersion', library: 'a', version: '1', ids: { libraryId: 10, versionId: 20 } },
        { kind: 'resolveVersion', library: 'b', version: '1', ids: { libraryId: 11, versionId: 21 } },
      ]);
      const template = await backend.catalog.version({ versionId: 20 });
      assert.ok(template !== null);
      const before = await dump(backend);
      const put = (libraryId: number, library: string, id: number, name: string): Mutation => ({
        kind: 'putVersion',
        library: { id: libraryId, name: library, createdAt: null },
        version: { ...template, id, libraryId, library, name },
      });
      const attempts: readonly (readonly [string, Mutation])[] = [
        ['library name under another id', put(99, 'a', 98, '2')],
        ['library id of another name', put(11, 'a2', 98, '2')],
        ['version name under another id', put(10, 'a', 98, '1')],
        ['version id of another name', put(10, 'a', 20, '2')],
        ['version id of another library', put(10, 'a', 21, '2')],
      ];
      for (const [what, mutation] of attempts) {
        await rejects(() => backend.apply([mutation]), 'STORAGE_CONSTRAINT', what);
        assert.deepEqual(await dump(backend), before, what);
      }
    },
    assigned,
  ],
  [
    'chunks-move-within-their-page',
    'the ids of a page’s chunks can be reused for the same page, in another order and with other texts',
    async (t) => {
      const backend = await t.open();
      await write(backend, fastify, '/a', [
        chunk('zebra', { id: 40, vector: vector(1, 0, 0, 0) }),
        chunk('okapi', { id: 41, vector: vector(0, 1, 0, 0) }),
      ]);
      await write(backend, fastify, '/a', [
        chunk('quagga', { id: 41, vector: vector(0, 0, 1, 0) }),
        chunk('zebra', { id: 40 }),
      ]);
      const records = await backend.catalog.chunksByUrl(fastify, '/a');
      assert.deepEqual(
        records.map(({ id, content }) => [id, content]),
        [
          [41, 'quagga'],
          [40, 'zebra'],
        ],
      );
      await assertMatches(backend, fastify, 'zebra', [40]);
      await assertMatches(backend, fastify, 'okapi', []);
      await assertFound(backend, fastify, { word: 'quagga', near: vector(0, 0, 1, 0) }, [41]);
    },
    assigned,
  ],
]);
