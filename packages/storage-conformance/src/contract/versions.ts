import assert from 'node:assert/strict';
import { contractGroup } from '../suite/contract-test.js';
import { assertRecent, rejectsAsMistake } from '../support/assertions.js';
import { chunk, fastify, replacePage, resolve, vector, write } from '../support/build.js';
import { assertFound } from '../support/declared.js';

export const versionTests = contractGroup('versions', [
  [
    'resolve-creates',
    'resolving creates the library and the version and reports so',
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
    'resolving again, in any case, returns the same ids and creates nothing',
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
      const written = await write(backend, { library: 'FastiFy', version: 'V5-RC' }, '/a', [
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
      await assertFound(backend, shouted, { word: 'zebra', near: vector(1, 0, 0, 0) }, written.chunkIds);
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
    'the unversioned version has the empty name and differs from any named version',
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
    'versions of the same name in two libraries are different versions',
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
    'an empty library name or a name that is not a string is a TypeError',
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
    'by-id-and-by-name',
    'a version given by id and by names is the same version, for reads and writes',
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
