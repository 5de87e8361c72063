import assert from 'node:assert/strict';
import { contractGroup } from '../suite/contract-test.js';
import { chunk, fastify, resolve, vector, write } from '../support/build.js';
import { assertFound, hasVectors, searchBoth, vectorCounts } from '../support/declared.js';
import { dump } from '../support/dump.js';

export const versionRemovalTests = contractGroup('versions', [
  [
    'remove',
    'removing a version deletes and counts its chunks, deletes its pages and vectors, and leaves other versions alone',
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
        report: { libraries: 1, versions: 1, pages: 2, chunks: 3, vectors: hasVectors(backend) ? 1 : 0 },
        vectors: vectorCounts(backend, 1, 2),
      });
      const searches = { word: 'zebra', near: vector(1, 0, 0, 0) };
      const found = await searchBoth(backend, other, searches);
      assert.equal(found.fts?.length ?? 2, 2);
      assert.equal(found.near?.length ?? 1, 1);
      await assertFound(backend, fastify, searches, []);
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
    'removing a missing version changes nothing and is not an error',
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
]);
