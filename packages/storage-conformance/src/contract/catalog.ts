import assert from 'node:assert/strict';
import type { StorageBackend } from '@switchyard/storage-core';
import { contractGroup } from '../suite/contract-test.js';
import { chunk, fastify, replacePage, resolve, vector, write } from '../support/build.js';
import { assertFound } from '../support/declared.js';

export const catalogTests = contractGroup('catalog', [
  [
    'empty-store',
    'a new store is empty: every list is empty, and nothing is found',
    async (t) => {
      const backend = await t.open();
      const { catalog, vectors } = backend;
      assert.deepEqual(await catalog.libraries(), []);
      assert.deepEqual(await catalog.overview(), []);
      assert.deepEqual(await catalog.versionsByStatus(['not_indexed', 'completed']), []);
      assert.deepEqual(await catalog.versionsBySourceUrl('https://example.org'), []);
      assert.deepEqual(await vectors.stats(), { indexed: 0, without: 0, unusable: 0 });
      await assertFound(backend, fastify, { word: 'a', near: vector(1, 0, 0, 0) }, []);
    },
  ],
  [
    'nothing-there',
    'reads of missing rows return null or an empty list, by id and by name',
    async (t) => {
      const backend = await t.open();
      await write(backend, fastify, '/a', [chunk('one')]);
      const { catalog } = backend;
      assert.equal(await catalog.library({ library: 'pino' }), null);
      assert.equal(await catalog.library({ libraryId: 987_654 }), null);
      assert.deepEqual(await catalog.versions({ library: 'pino' }), []);
      assert.deepEqual(await catalog.versions({ libraryId: 987_654 }), []);
      assert.equal(await catalog.page({ pageId: 987_654 }), null);
      assert.equal(await catalog.page({ version: fastify, url: '/b' }), null);
      assert.deepEqual(await catalog.chunks([987_654]), []);
      assert.deepEqual(await catalog.chunksByUrl(fastify, '/b'), []);
      assert.deepEqual(await catalog.relatives({ chunkIds: [987_654], parent: true }), [null]);
      for (const version of [
        { versionId: 987_654 },
        { library: 'pino', version: '' },
        { library: 'fastify', version: '' },
      ]) {
        assert.equal(await catalog.version(version), null);
        assert.equal(await catalog.hasChunks(version), false);
        assert.deepEqual(await catalog.pages(version), []);
        assert.equal(await catalog.page({ version, url: '/a' }), null);
        assert.deepEqual(await catalog.chunksByUrl(version, '/a'), []);
        assert.deepEqual(await catalog.snapshot({ version, limit: 5 }), []);
      }
    },
  ],
  [
    'libraries-by-name',
    'libraries are ordered by name, in code point order',
    async (t) => {
      const backend = await t.open();
      const names = [
        'zod',
        'äther',
        'a-b',
        'ab',
        'a',
        '10',
        '9',
        '\u{1f682}',
        '\uff41',
        'a b',
        '_',
        'éclair',
      ];
      for (const name of names) await resolve(backend, name, '1');
      const expected = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      assert.deepEqual(
        (await backend.catalog.libraries()).map(({ name }) => name),
        expected,
      );
    },
  ],
  [
    'versions-by-name',
    'the versions of a library are ordered by name, the unversioned one first, and include only those of that library',
    async (t) => {
      const backend = await t.open();
      for (const version of ['5.10.0', '', '5.9.0', 'next', '5.9.0-rc.1'])
        await resolve(backend, 'fastify', version);
      await resolve(backend, 'fastify-cli', '1.0.0');
      const versions = await backend.catalog.versions({ library: 'fastify' });
      assert.deepEqual(
        versions.map(({ name }) => name),
        ['', '5.10.0', '5.9.0', '5.9.0-rc.1', 'next'],
      );
      assert.deepEqual(new Set(versions.map(({ library }) => library)), new Set(['fastify']));
      const [first] = versions;
      assert.ok(first !== undefined);
      assert.deepEqual(await backend.catalog.versions({ libraryId: first.libraryId }), versions);
    },
  ],
  [
    'by-status',
    'versions by status are those in any of the given states, ordered by library name and version name',
    async (t) => {
      const backend = await t.open();
      for (const [library, version, status] of [
        ['b', '2', 'queued'],
        ['b', '', 'running'],
        ['a', '9', 'queued'],
        ['c', '1', 'completed'],
        ['a', '10', 'running'],
      ] as const) {
        await resolve(backend, library, version);
        await backend.apply([{ kind: 'setVersionStatus', version: { library, version }, status }]);
      }
      const names = async (...statuses: Parameters<StorageBackend['catalog']['versionsByStatus']>[0]) =>
        (await backend.catalog.versionsByStatus(statuses)).map(({ library, name }) => `${library}@${name}`);
      assert.deepEqual(await names('queued', 'running'), ['a@10', 'a@9', 'b@', 'b@2']);
      assert.deepEqual(await names('queued', 'queued'), ['a@9', 'b@2']);
      assert.deepEqual(await names('completed'), ['c@1']);
      assert.deepEqual(await names('failed'), []);
      assert.deepEqual(await names(), []);
    },
  ],
  [
    'by-source-url',
    'versions by source URL match the URL exactly, newest first by creation, then by id',
    async (t) => {
      const backend = await t.open();
      const url = 'https://fastify.dev/docs';
      const put = async (name: string, createdAt: string, sourceUrl: string) => {
        const { libraryId, versionId } = await resolve(backend, 'fastify', name);
        const library = await backend.catalog.library({ libraryId });
        const version = await backend.catalog.version({ versionId });
        assert.ok(library !== null && version !== null);
        await backend.apply([{ kind: 'putVersion', library, version: { ...version, createdAt, sourceUrl } }]);
        return versionId;
      };
      const middle = await put('5', '2024-06-01 00:00:00', url);
      const old = await put('4', '2023-01-01 00:00:00', url);
      await put('other', '2025-06-01 00:00:00', `${url}/`);
      const twin = await put('5-copy', '2024-06-01 00:00:00', url);
      const newest = await put('6', '2025-01-01 00:00:00', url);
      const versions = await backend.catalog.versionsBySourceUrl(url);
      const twins = [middle, twin].sort((a, b) => b - a);
      assert.deepEqual(
        versions.map(({ id }) => id),
        [newest, ...twins, old],
      );
      assert.deepEqual(await backend.catalog.versionsBySourceUrl(url.toUpperCase()), []);
    },
    { capability: 'assignedIds' },
  ],
  [
    'overview',
    'the overview counts chunks and URLs of every version, including empty ones, ordered by library and version name, and reports when each was first indexed',
    async (t) => {
      const backend = await t.open();
      const moment = (day: number) => `2024-05-0${day} 10:00:00`;
      const page = (url: string, day: number) => ({ url, createdAt: moment(day) });
      await backend.apply([
        replacePage(fastify, page('/a', 3), [chunk('1'), chunk('2')]),
        replacePage(fastify, page('/b', 2), [chunk('3', { vector: vector(1, 0, 0, 0) })]),
        replacePage(fastify, page('/empty', 4), []),
        replacePage({ library: 'pino', version: '' }, page('/a', 1), [chunk('1')]),
        { kind: 'resolveVersion', library: 'fastify', version: '4.0.0' },
        { kind: 'resolveVersion', library: 'a', version: '1' },
      ]);
      // Reindexing does not change when a version was first indexed.
      await backend.apply([replacePage(fastify, '/b', [chunk('3')])]);
      const overview = await backend.catalog.overview();
      assert.deepEqual(
        overview.map(({ version, chunks, urls, firstIndexedAt }) => [
          version.library,
          version.name,
          chunks,
          urls,
          firstIndexedAt,
        ]),
        [
          ['a', '1', 0, 0, null],
          ['fastify', '4.0.0', 0, 0, null],
          ['fastify', '5.6.0', 3, 3, moment(2)],
          ['pino', '', 1, 1, moment(1)],
        ],
      );
      for (const { version } of overview) {
        assert.deepEqual(version, await backend.catalog.version({ versionId: version.id }));
      }
    },
  ],
  [
    'pages-by-id',
    'the pages of a version are all of its pages and no others, ordered by id',
    async (t) => {
      const backend = await t.open();
      await write(backend, { library: 'fastify', version: '4' }, '/other', [chunk('one')]);
      const ids: number[] = [];
      for (const url of ['/z', '/a', '/m'])
        ids.push((await write(backend, fastify, url, [chunk(url)])).pageId);
      await write(backend, fastify, '/a', [chunk('again')]);
      const pages = await backend.catalog.pages(fastify);
      assert.deepEqual(
        pages.map(({ id }) => id),
        [...ids].sort((a, b) => a - b),
      );
      for (const page of pages) assert.deepEqual(await backend.catalog.page({ pageId: page.id }), page);
    },
  ],
]);
