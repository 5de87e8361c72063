import assert from 'node:assert/strict';
import { contractGroup } from '../suite/contract-test.js';
import { assertRecent, assertSameBytes, rejects, rejectsAsMistake } from '../support/assertions.js';
import { chunk, fastify, replacePage, under, vector, write } from '../support/build.js';
import { assertFound, assertMatches, hasVectors, vectorCounts } from '../support/declared.js';
import { dump } from '../support/dump.js';

export const pageTests = contractGroup('pages', [
  [
    'columns',
    'every column of a page is stored as given; omitted columns are null',
    async (t) => {
      const backend = await t.open();
      const columns = {
        title: 'Routes — Überblick',
        etag: 'W/"5f-abc"',
        lastModified: 'Tue, 01 Jul 2025 10:00:00 GMT',
        contentType: 'text/markdown',
        sourceContentType: 'text/html; charset=utf-8',
        depth: 3,
        createdAt: '2024-05-06 07:08:09',
        updatedAt: '2025-06-07 08:09:10',
      };
      const { pageId, versionId } = await write(
        backend,
        fastify,
        { url: 'https://fastify.dev/a', ...columns },
        [chunk('one')],
      );
      assert.deepEqual(await backend.catalog.page({ pageId }), {
        id: pageId,
        versionId,
        url: 'https://fastify.dev/a',
        ...columns,
      });
      const bare = await write(backend, fastify, '/bare', [chunk('one')]);
      const page = await backend.catalog.page({ pageId: bare.pageId });
      assert.ok(page !== null);
      assertRecent(page.createdAt, 'createdAt');
      assertRecent(page.updatedAt, 'updatedAt');
      assert.deepEqual(
        { ...page, createdAt: null, updatedAt: null },
        {
          id: bare.pageId,
          versionId,
          url: '/bare',
          title: null,
          etag: null,
          lastModified: null,
          contentType: null,
          sourceContentType: null,
          depth: null,
          createdAt: null,
          updatedAt: null,
        },
      );
    },
  ],
  [
    'zero-is-not-null',
    'depth 0 and empty strings are kept and are not null',
    async (t) => {
      const backend = await t.open();
      const { pageId } = await write(backend, fastify, { url: '/a', depth: 0, title: '', etag: '' }, [
        chunk(''),
      ]);
      const page = await backend.catalog.page({ pageId });
      assert.deepEqual([page?.depth, page?.title, page?.etag], [0, '', '']);
      assert.equal((await backend.catalog.chunksByUrl(fastify, '/a'))[0]?.content, '');
    },
  ],
  [
    'chunks-in-order',
    'the chunks of a page keep the given order, with sort order from 0, complete',
    async (t) => {
      const backend = await t.open();
      const metadata = {
        types: ['text', 'code'],
        level: 2,
        path: ['Ä', 'B'],
        line: 12,
        nested: { a: [1, null] },
      };
      const { pageId, versionId, chunkIds, chunksReplaced } = await write(
        backend,
        fastify,
        { url: '/a', title: 'T', contentType: 'text/markdown', sourceContentType: 'text/html' },
        [chunk('third\nline'), chunk('first'), chunk('second', { metadata })],
      );
      assert.equal(chunksReplaced, 0);
      assert.equal(new Set(chunkIds).size, 3);
      const records = await backend.catalog.chunksByUrl(fastify, '/a');
      assert.deepEqual(
        records.map(({ id }) => id),
        chunkIds,
      );
      assert.deepEqual(
        records.map(({ content, sortOrder }) => [content, sortOrder]),
        [
          ['third\nline', 0],
          ['first', 1],
          ['second', 2],
        ],
      );
      const last = records[2];
      assert.ok(last !== undefined);
      assertRecent(last.createdAt, 'createdAt');
      assert.deepEqual(
        { ...last, createdAt: null },
        {
          id: chunkIds[2],
          pageId,
          versionId,
          url: '/a',
          title: 'T',
          contentType: 'text/markdown',
          sourceContentType: 'text/html',
          content: 'second',
          metadata,
          sortOrder: 2,
          createdAt: null,
        },
      );
    },
  ],
  [
    'many-chunks',
    'a page with many chunks keeps all of them',
    async (t) => {
      const backend = await t.open();
      const chunks = Array.from({ length: 700 }, (_, i) =>
        chunk(`chunk number ${i}`, { vector: vector(1, i, 0, 0) }),
      );
      const { chunkIds } = await write(backend, fastify, '/long', chunks);
      assert.equal(chunkIds.length, 700);
      const records = await backend.catalog.chunksByUrl(fastify, '/long');
      assert.deepEqual(
        records.map(({ content }) => content),
        chunks.map(({ content }) => content),
      );
      await assertMatches(backend, fastify, '699', chunkIds.slice(699));
      assert.deepEqual(await backend.vectors.stats(), vectorCounts(backend, 700, 0));
    },
  ],
  [
    'replace',
    'replacing a page keeps its id and removes its old chunks with their full-text entries and vectors',
    async (t) => {
      const backend = await t.open();
      const old = await write(
        backend,
        fastify,
        { url: '/a', title: 'Old', etag: 'x', createdAt: '2020-01-01 00:00:00' },
        [
          chunk('zebra', { vector: vector(1, 0, 0, 0) }),
          chunk('okapi', { vector: vector(0, 1, 0, 0) }),
          chunk('quagga'),
        ],
      );
      const fresh = await write(backend, fastify, { url: '/a', title: 'New' }, [
        chunk('giraffe', { vector: vector(0, 0, 1, 0) }),
      ]);
      assert.equal(fresh.pageId, old.pageId);
      assert.equal(fresh.chunksReplaced, 3);
      const page = await backend.catalog.page({ pageId: old.pageId });
      assert.deepEqual([page?.title, page?.etag, page?.createdAt], ['New', null, '2020-01-01 00:00:00']);
      assert.deepEqual(
        (await backend.catalog.chunksByUrl(fastify, '/a')).map(({ content }) => content),
        ['giraffe'],
      );
      for (const word of ['zebra', 'okapi', 'quagga', 'old']) {
        await assertMatches(backend, fastify, word, []);
      }
      await assertFound(backend, fastify, { word: 'giraffe', near: vector(1, 0, 0, 0) }, fresh.chunkIds);
      const gone = old.chunkIds.filter((id) => !fresh.chunkIds.includes(id));
      assert.deepEqual(await backend.catalog.chunks(gone), []);
    },
  ],
  [
    'replace-touches-updated-at',
    'replacing a page sets updatedAt to the current time or to the given one',
    async (t) => {
      const backend = await t.open();
      const past = '2001-02-03 04:05:06';
      const { pageId } = await write(backend, fastify, { url: '/a', updatedAt: past }, [chunk('one')]);
      const updatedAt = async () => (await backend.catalog.page({ pageId }))?.updatedAt ?? null;
      assert.equal(await updatedAt(), past);
      await write(backend, fastify, '/a', [chunk('one')]);
      assertRecent(await updatedAt(), 'updatedAt');
      await write(backend, fastify, { url: '/a', updatedAt: past }, [chunk('one')]);
      assert.equal(await updatedAt(), past);
    },
  ],
  [
    'without-chunks',
    'replacing a page with no chunks leaves an empty page',
    async (t) => {
      const backend = await t.open();
      const { pageId } = await write(backend, fastify, '/a', [
        chunk('zebra', { vector: vector(1, 0, 0, 0) }),
      ]);
      const { chunkIds, chunksReplaced } = await write(backend, fastify, '/a', []);
      assert.deepEqual([chunkIds, chunksReplaced], [[], 1]);
      assert.equal((await backend.catalog.page({ pageId }))?.url, '/a');
      assert.equal(await backend.catalog.hasChunks(fastify), false);
      assert.deepEqual(await backend.vectors.stats(), { indexed: 0, without: 0, unusable: 0 });
      await write(backend, fastify, '/never-filled', []);
      assert.equal((await backend.catalog.pages(fastify)).length, 2);
    },
  ],
  [
    'bad-pages',
    'an empty URL, content other than a string and ids other than positive integers are TypeErrors that change nothing',
    async (t) => {
      const backend = await t.open();
      const before = await dump(backend);
      const attempts = [
        replacePage(fastify, '', [chunk('one')]),
        replacePage(fastify, 5 as unknown as string, [chunk('one')]),
        replacePage(fastify, '/a', [chunk(5 as unknown as string)]),
        replacePage(fastify, { id: 0, url: '/a' }, [chunk('one')]),
        replacePage(fastify, '/a', [chunk('one', { id: -1 })]),
        replacePage(fastify, '/a', [chunk('one', { id: 1.5 })]),
        replacePage(fastify, '/a', [chunk('one', { id: 7 }), chunk('two')]),
        replacePage({ versionId: 0 }, '/a', [chunk('one')]),
      ];
      if (hasVectors(backend)) {
        const numbers = [1, 0, 0, 0] as unknown as Float32Array;
        attempts.push(replacePage(fastify, '/a', [chunk('one', { vector: numbers })]));
      }
      for (const [index, attempt] of attempts.entries()) {
        await rejectsAsMistake(() => backend.apply([attempt]), `attempt ${index}`);
      }
      assert.deepEqual(await dump(backend), before);
    },
  ],
  [
    'keeps-no-reference',
    'changes by a caller to objects it passed to a write, or got from a read, do not change the store',
    async (t) => {
      const backend = await t.open();
      const values = vector(1, 2, 3, 4);
      const path = ['A'];
      await write(backend, fastify, '/a', [chunk('one', { vector: values, metadata: under(path) })]);
      values.fill(9);
      path.push('changed');
      const read = async () => (await backend.catalog.snapshot({ version: fastify, limit: 1 }))[0]?.chunks[0];
      const first = await read();
      assert.ok(first !== undefined);
      const stored = hasVectors(backend) ? vector(1, 2, 3, 4) : null;
      assertSameBytes(first.vector, stored, 'vector');
      assert.deepEqual(first.metadata.path, ['A']);
      first.vector?.fill(7);
      (first.metadata.path as string[]).push('changed');
      const second = await read();
      assertSameBytes(second?.vector ?? null, stored, 'vector');
      assert.deepEqual(second?.metadata.path, ['A']);
    },
  ],
  [
    'version-without-profile',
    'a store without a profile accepts pages without vectors and rejects vectors with STORAGE_PROFILE_MISSING',
    async (t) => {
      const backend = await t.open({ profile: false });
      const { chunkIds } = await write(backend, fastify, '/a', [chunk('zebra')]);
      await assertMatches(backend, fastify, 'zebra', chunkIds);
      if (!hasVectors(backend)) return;
      const before = await dump(backend);
      await rejects(
        () => write(backend, fastify, '/b', [chunk('one', { vector: vector(1, 0, 0, 0) })]),
        'STORAGE_PROFILE_MISSING',
      );
      assert.deepEqual(await dump(backend), before);
    },
  ],
]);
