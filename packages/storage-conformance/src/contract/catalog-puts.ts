import assert from 'node:assert/strict';
import type { StorageBackend, VersionRecord } from '@switchyard/storage-core';
import { contractGroup } from '../suite/contract-test.js';

export const catalogPutTests = contractGroup('catalog', [
  [
    'put-version',
    'putVersion stores every column as given; putting the version again overwrites it',
    async (t) => {
      const backend = await t.open();
      const library = { id: 11, name: 'fastify', createdAt: '2020-02-03 04:05:06' };
      await putAndRead(backend, library, {
        status: 'failed',
        progressPages: 3,
        progressMaxPages: 9,
        errorMessage: 'no route',
        sourceUrl: 'https://fastify.dev',
        scraperOptions: { depth: 3 },
        createdAt: '2021-02-03 04:05:06',
        startedAt: '2022-02-03 04:05:06',
        updatedAt: '2023-02-03 04:05:06',
      });
      await putAndRead(
        backend,
        { ...library, createdAt: '2019-01-01 00:00:00' },
        {
          status: 'completed',
          progressPages: 0,
          progressMaxPages: 0,
          errorMessage: null,
          sourceUrl: null,
          scraperOptions: null,
          createdAt: '2021-02-03T04:05:06.789Z',
          startedAt: null,
          updatedAt: '2023-02-03 04:05:07',
        },
      );
      assert.equal((await backend.catalog.versions({ libraryId: 11 })).length, 1);
    },
    { capability: 'assignedIds' },
  ],
  [
    'put-library',
    'putLibrary writes a library without versions, and overwrites it',
    async (t) => {
      const backend = await t.open();
      const library = { id: 7, name: 'lonely', createdAt: '2020-01-02 03:04:05' };
      for (const createdAt of ['2019-01-01 00:00:00', library.createdAt]) {
        const results = await backend.apply([{ kind: 'putLibrary', library: { ...library, createdAt } }]);
        assert.deepEqual(results, [{ kind: 'putLibrary', libraryId: 7 }]);
      }
      assert.deepEqual(await backend.catalog.libraries(), [library]);
      const [{ libraryId }] = await backend.apply([
        { kind: 'resolveVersion', library: 'Lonely', version: '1.0.0' },
      ]);
      assert.equal(libraryId, 7);
      for (const wrong of [
        { ...library, name: 'other' },
        { ...library, id: 8 },
      ]) {
        await assert.rejects(backend.apply([{ kind: 'putLibrary', library: wrong }]), {
          code: 'STORAGE_CONSTRAINT',
        });
      }
    },
    { capability: 'assignedIds' },
  ],
]);

async function putAndRead(
  backend: StorageBackend,
  library: { readonly id: number; readonly name: string; readonly createdAt: string },
  columns: Omit<VersionRecord, 'id' | 'libraryId' | 'library' | 'name'>,
): Promise<void> {
  const version = { id: 22, libraryId: library.id, library: library.name, name: '5.6.0', ...columns };
  const results = await backend.apply([{ kind: 'putVersion', library, version }]);
  assert.deepEqual(results, [{ kind: 'putVersion', libraryId: 11, versionId: 22 }]);
  assert.deepEqual(await backend.catalog.library({ libraryId: 11 }), library);
  assert.deepEqual(await backend.catalog.version({ versionId: 22 }), version);
}
