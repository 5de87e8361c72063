import assert from 'node:assert/strict';
import { versionStatuses } from '@switchyard/storage-core';
import { contractGroup } from '../suite/contract-test.js';
import { assertRecent, rejects, rejectsAsMistake } from '../support/assertions.js';
import { chunk, fastify, replacePage, resolve, vector, write } from '../support/build.js';
import { dump } from '../support/dump.js';

export const versionTests = contractGroup('versions', [
  [
    'resolve-creates',
    'resolving creates the library and the version, and says so',
    async (t) => {
      const backend = await t.open();
      const { libraryId, versionId, created } = await resolve(backend, 'fastify', '5.6.0');
      assert.equal(created, true);
      for (const id of [libraryId, versionId]) assert.ok(Number.isSafeInteger(id) && id > 0, String(id));
      const library = await backend.catalog.library({ libraryId });
      assert.equal(library?.name, 'fastify');
      assertRecent(library.createdAt, 'library.createdAt');
      const version = await backend.catalog.version({ versionId });
      assert.ok(version !== null);
      assertRecent(version.createdAt, 'version.createdAt');
      const { createdAt, startedAt, updatedAt, ...rest } = version;
      assert.deepEqual(rest, {
        id: versionId,
        libraryId,
        library: 'fastify',
        name: '5.6.0',
        status: 'not_indexed',
        progressPages: 0,
        progressMaxPages: 0,
        errorMessage: null,
        sourceUrl: null,
        scraperOptions: null,
      });
    },
  ],
  [
    'resolve-again',
    'resolving again, in any case, gives the same ids and creates nothing',
    async (t) => {
      const backend = await t.open();
      const first = await resolve(backend, 'Fastify', '5.6.0-RC.1');
      for (const [library, version] of [
        ['fastify', '5.6.0-rc.1'],
        ['FASTIFY', '5.6.0-RC.1'],
        ['fAsTiFy', '5.6.0-rC.1'],
      ] as const) {
        assert.deepEqual(await resolve(backend, library, version), { ...first, created: false });
      }
      assert.equal((await backend.catalog.versions({ library: 'FastIfy' })).length, 1);
    },
  ],
  [
    'names-are-lower-cased',
    'names are stored in lower case and found in any case, by every read',
    async (t) => {
      const backend = await t.open();
      await write(backend, { library: 'FastiFy', version: 'V5-RC' }, '/a', [
        chunk('zebra', { vector: vector(1, 0, 0, 0) }),
      ]);
      const shouted = { library: 'FASTIFY', version: 'V5-RC' };
      const { catalog } = backend;
      assert.equal((await catalog.libraries())[0]?.name, 'fastify');
      assert.equal((await catalog.library({ library: 'FASTIFY' }))?.name, 'fastify');
      const version = await catalog.version(shouted);
      assert.deepEqual([version?.library, version?.name], ['fastify', 'v5-rc']);
      assert.equal((await catalog.versions({ library: 'FASTIFY' })).length, 1);
      assert.equal(await catalog.hasChunks(shouted), true);
      assert.equal((await catalog.pages(shouted)).length, 1);
      assert.equal((await catalog.page({ version: shouted, url: '/a' }))?.url, '/a');
      assert.equal((await catalog.chunksByUrl(shouted, '/a')).length, 1);
      assert.equal((await catalog.snapshot({ version: shouted, limit: 5 })).length, 1);
      const query = { version: shouted, limit: 5 };
      assert.equal((await backend.fts.match({ ...query, terms: ['zebra'] })).length, 1);
      assert.equal((await backend.vectors.nearest({ ...query, vector: vector(1, 0, 0, 0) })).length, 1);
    },
  ],
  [
    'unicode-names',
    'names of any script keep their letters and are found in any case',
    async (t) => {
      const backend = await t.open();
      const names = [
        'Ünïcödé',
        'ЖУРНАЛ',
        'ΣΊΣΥΦΟΣ',
        '文档 库',
        '🚂 Train',
        'שלום',
        "it's; DROP TABLE",
        '%_\\*',
        'İstanbul',
      ];
      for (const name of names) {
        const { versionId } = await resolve(backend, name, `${name} 1`);
        const version = await backend.catalog.version({ versionId });
        assert.deepEqual([version?.library, version?.name], [name.toLowerCase(), `${name} 1`.toLowerCase()]);
        assert.equal(
          (await resolve(backend, name.toLowerCase(), `${name.toLowerCase()} 1`)).versionId,
          versionId,
        );
      }
      assert.equal((await backend.catalog.libraries()).length, names.length);
    },
  ],
  [
    'unversioned',
    'the unversioned version has the empty name, and is another one than any named version',
    async (t) => {
      const backend = await t.open();
      const unversioned = await resolve(backend, 'pino', '');
      const named = await resolve(backend, 'pino', '10.4.0');
      assert.notEqual(unversioned.versionId, named.versionId);
      assert.equal(unversioned.libraryId, named.libraryId);
      assert.equal((await resolve(backend, 'PINO', '')).versionId, unversioned.versionId);
      assert.equal((await backend.catalog.version({ library: 'pino', version: '' }))?.name, '');
    },
  ],
  [
    'same-name-in-two-libraries',
    'versions of the same name in two libraries are two versions',
    async (t) => {
      const backend = await t.open();
      const a = await resolve(backend, 'a', '1');
      const b = await resolve(backend, 'b', '1');
      assert.notEqual(a.versionId, b.versionId);
      assert.notEqual(a.libraryId, b.libraryId);
    },
  ],
  [
    'bad-names',
    'an empty library name and a name that is no string are TypeErrors',
    async (t) => {
      const backend = await t.open();
      const bad = 5 as unknown as string;
      for (const [library, version] of [
        ['', '1'],
        [bad, '1'],
        ['a', bad],
      ] as const) {
        await rejectsAsMistake(
          () => backend.apply([{ kind: 'resolveVersion', library, version }]),
          `${library}@${version}`,
        );
        await rejectsAsMistake(
          () => backend.catalog.version({ library, version }),
          `read ${library}@${version}`,
        );
      }
      for (const versionId of [0, -1, 1.5, Number.NaN]) {
        await rejectsAsMistake(() => backend.catalog.version({ versionId }), `versionId ${versionId}`);
      }
      assert.deepEqual(await backend.catalog.libraries(), []);
    },
  ],
  [
    'status',
    'every status is stored with its error message, and a status without message clears it',
    async (t) => {
      const backend = await t.open();
      const { versionId } = await resolve(backend, 'fastify', '5.6.0');
      for (const status of versionStatuses) {
        for (const errorMessage of ['Überraschung: 500', undefined, 'again', null]) {
          const results = await backend.apply([
            { kind: 'setVersionStatus', version: fastify, status, errorMessage },
          ]);
          assert.deepEqual(results, [{ kind: 'setVersionStatus', versionId }]);
          const version = await backend.catalog.version({ versionId });
          assert.deepEqual([version?.status, version?.errorMessage], [status, errorMessage ?? null]);
        }
      }
    },
  ],
  [
    'status-touches-updated-at',
    'setting the status sets updatedAt and leaves everything else as it was',
    async (t) => {
      const backend = await t.open();
      const { libraryId, versionId } = await resolve(backend, 'fastify', '5.6.0');
      const library = await backend.catalog.library({ libraryId });
      const version = await backend.catalog.version({ versionId });
      assert.ok(library !== null && version !== null);
      const old = { ...version, progressPages: 3, progressMaxPages: 9, updatedAt: '2001-02-03 04:05:06' };
      await backend.apply([{ kind: 'putVersion', library, version: old }]);
      await backend.apply([{ kind: 'setVersionStatus', version: { versionId }, status: 'completed' }]);
      const after = await backend.catalog.version({ versionId });
      assert.ok(after !== null);
      assertRecent(after.updatedAt, 'updatedAt');
      assert.deepEqual(
        { ...after, updatedAt: null, startedAt: null },
        { ...old, status: 'completed', updatedAt: null, startedAt: null },
      );
    },
    { capability: 'assignedIds' },
  ],
  [
    'progress',
    'progress stores both numbers',
    async (t) => {
      const backend = await t.open();
      const { versionId } = await resolve(backend, 'fastify', '5.6.0');
      for (const [pages, maxPages] of [
        [0, 100],
        [7, 100],
        [100, 100],
        [0, 0],
      ] as const) {
        await backend.apply([{ kind: 'setVersionProgress', version: { versionId }, pages, maxPages }]);
        const version = await backend.catalog.version(fastify);
        assert.deepEqual([version?.progressPages, version?.progressMaxPages], [pages, maxPages]);
      }
    },
  ],
  [
    'scraper-options',
    'scraper options come back as the JSON they were, with the source URL, and can be cleared',
    async (t) => {
      const backend = await t.open();
      await resolve(backend, 'fastify', '5.6.0');
      const options = {
        depth: 3,
        ключ: ['a', null, { b: -1.5e300 }],
        empty: {},
        quote: '"\'\\\n',
        yes: true,
      };
      const set = (sourceUrl: string | null, value: typeof options | null) =>
        backend.apply([{ kind: 'setScraperOptions', version: fastify, sourceUrl, options: value }]);
      await set('https://fastify.dev/docs/?a=1&b=ü#x', options);
      const stored = await backend.catalog.version(fastify);
      assert.equal(stored?.sourceUrl, 'https://fastify.dev/docs/?a=1&b=ü#x');
      assert.deepEqual(stored.scraperOptions, options);
      await set('https://other.example', null);
      const changed = await backend.catalog.version(fastify);
      assert.deepEqual([changed?.sourceUrl, changed?.scraperOptions], ['https://other.example', null]);
      await set(null, null);
      assert.equal((await backend.catalog.version(fastify))?.sourceUrl, null);
    },
  ],
  [
    'unknown-version',
    'setting status, progress or scraper options of an unknown version is STORAGE_NOT_FOUND, by id and by names',
    async (t) => {
      const backend = await t.open();
      await resolve(backend, 'fastify', '5.6.0');
      const before = await dump(backend);
      for (const version of [
        { versionId: 987_654 },
        { library: 'fastify', version: '9' },
        { library: 'x', version: '' },
      ]) {
        await rejects(
          () => backend.apply([{ kind: 'setVersionStatus', version, status: 'queued' }]),
          'STORAGE_NOT_FOUND',
        );
        await rejects(
          () => backend.apply([{ kind: 'setVersionProgress', version, pages: 1, maxPages: 2 }]),
          'STORAGE_NOT_FOUND',
        );
        await rejects(
          () => backend.apply([{ kind: 'setScraperOptions', version, sourceUrl: null, options: null }]),
          'STORAGE_NOT_FOUND',
        );
      }
      await rejects(() => write(backend, { versionId: 987_654 }, '/a', [chunk('one')]), 'STORAGE_NOT_FOUND');
      assert.deepEqual(await dump(backend), before);
    },
  ],
  [
    'bad-writes',
    'an unknown status, negative progress and an unknown kind of mutation are TypeErrors that change nothing',
    async (t) => {
      const backend = await t.open();
      await resolve(backend, 'fastify', '5.6.0');
      const before = await dump(backend);
      const status = 'done' as 'completed';
      const kind = 'explode' as 'resolveVersion';
      await rejectsAsMistake(
        () => backend.apply([{ kind: 'setVersionStatus', version: fastify, status }]),
        'status',
      );
      for (const [pages, maxPages] of [
        [-1, 2],
        [1, -2],
        [1.5, 2],
        [Number.NaN, 2],
      ] as const) {
        await rejectsAsMistake(
          () => backend.apply([{ kind: 'setVersionProgress', version: fastify, pages, maxPages }]),
          `progress ${pages}/${maxPages}`,
        );
      }
      await rejectsAsMistake(() => backend.apply([{ kind, library: 'a', version: '1' }]), 'kind');
      assert.deepEqual(await dump(backend), before);
    },
  ],
  [
    'remove',
    'removing a version deletes its pages, chunks and vectors, counts the chunks, and leaves other versions alone',
    async (t) => {
      const backend = await t.open();
      const other = { library: 'fastify', version: '4.0.0' };
      for (const version of [fastify, other]) {
        await write(backend, version, '/a', [chunk('zebra', { vector: vector(1, 0, 0, 0) }), chunk('two')]);
        await write(backend, version, '/b', [chunk('zebra')]);
      }
      const kept = (await dump(backend)).pages.slice(0, 2);
      const results = await backend.apply([{ kind: 'removeVersion', version: fastify }]);
      assert.deepEqual(results, [
        { kind: 'removeVersion', chunksDeleted: 3, versionDeleted: true, libraryDeleted: false },
      ]);
      assert.equal(await backend.catalog.version(fastify), null);
      const after = await dump(backend);
      assert.deepEqual(after.pages, kept);
      assert.deepEqual(after.counts, {
        report: { libraries: 1, versions: 1, pages: 2, chunks: 3, vectors: 1 },
        vectors: { indexed: 1, without: 2, unusable: 0 },
      });
      assert.equal((await backend.fts.match({ version: other, terms: ['zebra'], limit: 9 })).length, 2);
      assert.deepEqual(await backend.fts.match({ version: fastify, terms: ['zebra'], limit: 9 }), []);
    },
  ],
  [
    'remove-last',
    'removing the last version removes the library too, and only that library',
    async (t) => {
      const backend = await t.open();
      await resolve(backend, 'pino', '');
      await resolve(backend, 'fastify', '4.0.0');
      await resolve(backend, 'fastify', '5.6.0');
      const remove = async (version: string) => {
        const [result] = await backend.apply([
          { kind: 'removeVersion', version: { library: 'fastify', version } },
        ]);
        return [result.versionDeleted, result.libraryDeleted];
      };
      assert.deepEqual(await remove('4.0.0'), [true, false]);
      assert.equal((await backend.catalog.libraries()).length, 2);
      assert.deepEqual(await remove('5.6.0'), [true, true]);
      assert.deepEqual(
        (await backend.catalog.libraries()).map(({ name }) => name),
        ['pino'],
      );
      assert.equal(await backend.catalog.library({ library: 'fastify' }), null);
    },
  ],
  [
    'remove-but-keep-library',
    'removing the last version with removeLibrary: false keeps the library',
    async (t) => {
      const backend = await t.open();
      const { libraryId } = await resolve(backend, 'fastify', '5.6.0');
      const results = await backend.apply([
        { kind: 'removeVersion', version: fastify, removeLibrary: false },
      ]);
      assert.deepEqual(results, [
        { kind: 'removeVersion', chunksDeleted: 0, versionDeleted: true, libraryDeleted: false },
      ]);
      assert.equal((await backend.catalog.library({ libraryId }))?.name, 'fastify');
      assert.deepEqual(await backend.catalog.versions({ libraryId }), []);
      assert.equal((await resolve(backend, 'fastify', '6')).libraryId, libraryId);
    },
  ],
  [
    'remove-unknown',
    'removing a version that does not exist changes nothing and is no error',
    async (t) => {
      const backend = await t.open();
      await write(backend, fastify, '/a', [chunk('one')]);
      const before = await dump(backend);
      for (const version of [
        { versionId: 987_654 },
        { library: 'fastify', version: '' },
        { library: 'x', version: '1' },
      ]) {
        assert.deepEqual(await backend.apply([{ kind: 'removeVersion', version }]), [
          { kind: 'removeVersion', chunksDeleted: 0, versionDeleted: false, libraryDeleted: false },
        ]);
      }
      assert.deepEqual(await dump(backend), before);
    },
  ],
  [
    'by-id-and-by-name',
    'a version given by id and by names is the same version, for reads and for writes',
    async (t) => {
      const backend = await t.open();
      const { versionId } = await resolve(backend, 'fastify', '5.6.0');
      const result = await write(backend, { versionId }, '/a', [chunk('one')]);
      assert.equal(result.versionId, versionId);
      await backend.apply([replacePage(fastify, '/b', [chunk('two')])]);
      assert.deepEqual(await backend.catalog.pages({ versionId }), await backend.catalog.pages(fastify));
      assert.equal((await backend.catalog.pages(fastify)).length, 2);
      assert.deepEqual(await backend.catalog.version({ versionId }), await backend.catalog.version(fastify));
    },
  ],
]);
