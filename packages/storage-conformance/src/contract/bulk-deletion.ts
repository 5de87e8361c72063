import assert from 'node:assert/strict';
import type { PageFilter, StorageBackend, VersionRef } from '@switchyard/storage-core';
import type { TestContext } from '../suite/context.js';
import { contractGroup } from '../suite/contract-test.js';
import { rejects, rejectsAsMistake } from '../support/assertions.js';
import { chunk, fastify, resolve, vector, write } from '../support/build.js';
import { hasVectors, searchBoth, vectorCounts } from '../support/declared.js';
import { dump } from '../support/dump.js';

const needs = { capability: 'bulkDeletion' } as const;
const older: VersionRef = { library: 'fastify', version: '4.0.0' };
const pino: VersionRef = { library: 'pino', version: '' };

/** Opens a store with two libraries, one of them with two versions, and two pages in each version. */
async function filled(t: TestContext): Promise<StorageBackend> {
  const backend = await t.open();
  for (const version of [fastify, older, pino]) {
    await write(backend, version, '/a', [chunk('zebra', { vector: vector(1, 0, 0, 0) }), chunk('two')]);
    await write(backend, version, '/b', [chunk('zebra', { vector: vector(0, 1, 0, 0) })]);
  }
  return backend;
}

/** Asserts that a full-text and a vector search, as far as the backend has them, find this number of chunks. */
async function assertHits(backend: StorageBackend, version: VersionRef, expected: number): Promise<void> {
  const { fts, near } = await searchBoth(backend, version, { word: 'zebra', near: vector(1, 1, 0, 0) });
  for (const hits of [fts, near]) if (hits !== null) assert.equal(hits.length, expected);
}

/** Audits the indexes of a backend that can. */
async function assertSound({ capabilities, fts, vectors }: StorageBackend): Promise<void> {
  if (capabilities.ftsMaintenance) assert.deepEqual((await fts.audit()).problems, []);
  if (capabilities.vectorMaintenance) assert.deepEqual((await vectors.audit()).problems, []);
}

const urlsOf = async (backend: StorageBackend) =>
  (await backend.catalog.pages(fastify)).map(({ url }) => url);

async function deleteWhere(backend: StorageBackend, filter: PageFilter) {
  const [{ pagesDeleted, chunksDeleted }] = await backend.apply([
    { kind: 'deletePages', version: fastify, filter },
  ]);
  return [pagesDeleted, chunksDeleted];
}

export const bulkDeletionTests = contractGroup('bulk-deletion', [
  [
    'remove-library',
    'removing a library deletes and counts its versions, pages and chunks, with vectors and full text, and no other library',
    async (t) => {
      const backend = await filled(t);
      const before = await dump(backend);
      const results = await backend.apply([{ kind: 'removeLibrary', library: { library: 'FASTIFY' } }]);
      assert.deepEqual(results, [
        {
          kind: 'removeLibrary',
          versionsDeleted: 2,
          pagesDeleted: 4,
          chunksDeleted: 6,
          libraryDeleted: true,
        },
      ]);
      const after = await dump(backend);
      assert.deepEqual(after.libraries, before.libraries.slice(1));
      assert.deepEqual(after.versions, before.versions.slice(2));
      assert.deepEqual(after.pages, before.pages.slice(4));
      assert.deepEqual(after.counts, {
        report: { libraries: 1, versions: 1, pages: 2, chunks: 3, vectors: hasVectors(backend) ? 2 : 0 },
        vectors: vectorCounts(backend, 2, 1),
      });
      for (const version of [fastify, older]) {
        assert.equal(await backend.catalog.version(version), null);
        await assertHits(backend, version, 0);
      }
      await assertHits(backend, pino, 2);
      await assertSound(backend);
      await write(backend, fastify, '/c', [chunk('zebra', { vector: vector(1, 0, 0, 0) })]);
      await assertHits(backend, fastify, 1);
      await assertHits(backend, older, 0);
    },
    needs,
  ],
  [
    'remove-library-without-versions',
    'a library without versions is removed, by its id',
    async (t) => {
      const backend = await t.open();
      const { libraryId } = await resolve(backend, 'fastify', '5.6.0');
      await resolve(backend, 'pino', '');
      await backend.apply([{ kind: 'removeVersion', version: fastify, removeLibrary: false }]);
      const results = await backend.apply([{ kind: 'removeLibrary', library: { libraryId } }]);
      assert.deepEqual(results, [
        {
          kind: 'removeLibrary',
          versionsDeleted: 0,
          pagesDeleted: 0,
          chunksDeleted: 0,
          libraryDeleted: true,
        },
      ]);
      assert.deepEqual(
        (await backend.catalog.libraries()).map(({ name }) => name),
        ['pino'],
      );
    },
    needs,
  ],
  [
    'remove-unknown-library',
    'removing a missing library changes nothing and is not an error',
    async (t) => {
      const backend = await filled(t);
      const before = await dump(backend);
      for (const library of [{ library: 'fast' }, { libraryId: 987_654 }]) {
        assert.deepEqual(await backend.apply([{ kind: 'removeLibrary', library }]), [
          {
            kind: 'removeLibrary',
            versionsDeleted: 0,
            pagesDeleted: 0,
            chunksDeleted: 0,
            libraryDeleted: false,
          },
        ]);
      }
      assert.deepEqual(await dump(backend), before);
    },
    needs,
  ],
  [
    'pages-by-url-prefix',
    'pages are deleted by the beginning of their URL, case-sensitive and without wildcards, in one version only',
    async (t) => {
      const backend = await t.open();
      const urls = ['/docs/a', '/docs/b', '/Docs/c', '/doc%/d', '/doc_/e', '/docs', '/x/docs/', '/ü/f'];
      for (const version of [fastify, older]) {
        for (const url of urls) {
          await write(backend, version, url, [chunk('zebra', { vector: vector(1, 0, 0, 0) }), chunk('two')]);
        }
      }
      const others = (await dump(backend)).pages.filter(({ page }) => page.versionId !== 0).slice(0, 8);
      const left = (...gone: string[]) => urls.filter((url) => !gone.includes(url));
      assert.deepEqual(await deleteWhere(backend, { urlPrefix: '/docs/' }), [2, 4]);
      assert.deepEqual(await urlsOf(backend), left('/docs/a', '/docs/b'));
      assert.deepEqual(await deleteWhere(backend, { urlPrefix: '/doc%' }), [1, 2]);
      assert.deepEqual(await deleteWhere(backend, { urlPrefix: '/doc_' }), [1, 2]);
      assert.deepEqual(await deleteWhere(backend, { urlPrefix: '/ü' }), [1, 2]);
      assert.deepEqual(await deleteWhere(backend, { urlPrefix: 'docs' }), [0, 0]);
      assert.deepEqual(await urlsOf(backend), ['/Docs/c', '/docs', '/x/docs/']);
      await assertHits(backend, fastify, 3);
      await assertHits(backend, older, 8);
      assert.deepEqual((await dump(backend)).pages.slice(0, 8), others);
      await assertSound(backend);
    },
    needs,
  ],
  [
    'pages-not-updated-since',
    'pages last written before a time are deleted; those of the same second and of an unknown time stay',
    async (t) => {
      const backend = await t.open();
      const put = (url: string, updatedAt: string | null) =>
        write(backend, fastify, { url, updatedAt }, [chunk('zebra')]);
      await put('/old', '2024-05-10 10:00:00');
      await put('/old-iso', '2024-05-10T10:00:09.900Z');
      await put('/same-second', '2024-05-10 10:00:10');
      await put('/same-second-iso', '2024-05-10T10:00:10.100Z');
      await put('/new', '2024-05-10 10:00:11');
      await put('/unknown', null);
      assert.deepEqual(await deleteWhere(backend, { notUpdatedSince: '2024-05-10T10:00:10.800Z' }), [2, 2]);
      const kept = ['/same-second', '/same-second-iso', '/new', '/unknown'];
      assert.deepEqual(await urlsOf(backend), kept);
      const both = { urlPrefix: '/same-second-', notUpdatedSince: '2030-01-01 00:00:00' };
      assert.deepEqual(await deleteWhere(backend, both), [1, 1]);
      await write(backend, fastify, '/just-now', [chunk('zebra')]);
      assert.deepEqual(await deleteWhere(backend, { notUpdatedSince: '2024-05-11 00:00:00' }), [2, 2]);
      assert.deepEqual(await urlsOf(backend), ['/unknown', '/just-now']);
    },
    needs,
  ],
  [
    'bad-filters',
    'a filter without a condition, with an empty prefix, an unknown member or no time is a TypeError that changes nothing',
    async (t) => {
      const backend = await filled(t);
      const before = await dump(backend);
      const bad: readonly object[] = [
        {},
        { urlPrefix: undefined },
        { urlPrefix: '' },
        { urlPrefix: 7 },
        { urlprefix: '/a' },
        { notUpdatedSince: 'yesterday' },
        { notUpdatedSince: 1_715_000_000 },
      ];
      for (const filter of bad)
        await rejectsAsMistake(() => deleteWhere(backend, filter), JSON.stringify(filter));
      await rejectsAsMistake(() => deleteWhere(backend, null as unknown as PageFilter), 'null');
      assert.deepEqual(await dump(backend), before);
    },
    needs,
  ],
  [
    'clear',
    'clearing a store deletes and counts everything, keeps the profile, and does not use ids again',
    async (t) => {
      const backend = await filled(t);
      await resolve(backend, 'empty', '1');
      await backend.apply([
        { kind: 'removeVersion', version: { library: 'empty', version: '1' }, removeLibrary: false },
      ]);
      const { profile, pages } = await dump(backend);
      const lastPage = Math.max(...pages.map(({ page }) => page.id));
      assert.deepEqual(await backend.apply([{ kind: 'clear' }]), [
        { kind: 'clear', librariesDeleted: 3, versionsDeleted: 3, pagesDeleted: 6, chunksDeleted: 9 },
      ]);
      assert.deepEqual(await dump(backend), {
        profile,
        libraries: [],
        versions: [],
        pages: [],
        counts: {
          report: { libraries: 0, versions: 0, pages: 0, chunks: 0, vectors: 0 },
          vectors: { indexed: 0, without: 0, unusable: 0 },
        },
      });
      for (const version of [fastify, older, pino]) await assertHits(backend, version, 0);
      await assertSound(backend);
      const again = await write(backend, fastify, '/a', [chunk('zebra', { vector: vector(1, 0, 0, 0) })]);
      assert.ok(again.pageId > lastPage, `page ${again.pageId} after ${lastPage}`);
      await assertHits(backend, fastify, 1);
      await assertHits(backend, older, 0);
      await assertSound(backend);
      const once = await backend.apply([{ kind: 'clear' }, { kind: 'clear' }]);
      assert.deepEqual(
        once.map(({ chunksDeleted }) => chunksDeleted),
        [1, 0],
      );
    },
    needs,
  ],
  [
    'in-a-list',
    'deletions in a list see what came before them, and are undone when a later mutation fails',
    async (t) => {
      const backend = await filled(t);
      const before = await dump(backend);
      const failing = {
        kind: 'setVersionStatus',
        version: { versionId: 987_654 },
        status: 'queued',
      } as const;
      for (const one of [
        { kind: 'removeLibrary', library: { library: 'fastify' } },
        { kind: 'clear' },
        { kind: 'deletePages', version: fastify, filter: { urlPrefix: '/' } },
      ] as const) {
        await rejects(() => backend.apply([one, failing]), 'STORAGE_NOT_FOUND');
        assert.deepEqual(await dump(backend), before);
        await assertHits(backend, fastify, 2);
      }
      const replaced = {
        kind: 'replacePage',
        version: fastify,
        page: { url: '/c' },
        chunks: [chunk('zebra', { vector: vector(1, 0, 0, 0) })],
      } as const;
      const [, removed] = await backend.apply([
        replaced,
        { kind: 'removeLibrary', library: { library: 'fastify' } },
        replaced,
        { kind: 'deletePages', version: older, filter: { urlPrefix: '/' } },
      ]);
      assert.deepEqual([removed.versionsDeleted, removed.pagesDeleted, removed.chunksDeleted], [2, 5, 7]);
      assert.deepEqual(await urlsOf(backend), ['/c']);
      await assertHits(backend, fastify, 1);
      assert.equal(await backend.catalog.version(older), null);
      await assertSound(backend);
    },
    needs,
  ],
]);
