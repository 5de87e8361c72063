import assert from 'node:assert/strict';
import type { DocumentStore } from '@switchyard/storage-core';
import type { TestContext } from '../suite/context.js';
import { contractGroup } from '../suite/contract-test.js';
import { assertHitCount, openDocuments, page } from '../support/documents.js';

/** Opens a store with 25 pages in one version, more than one write deletes, and some in others. */
async function filled(t: TestContext): Promise<DocumentStore> {
  const store = await openDocuments(t);
  const pages = Array.from({ length: 25 }, (_, i) =>
    page(`/${i % 2 === 0 ? 'even' : 'odd'}/${i}`, 'zebra', 'two'),
  );
  await store.addPages('fastify', '5', pages);
  await store.addPages('fastify', '4', [page('/even/0', 'zebra')]);
  await store.addPages('pino', '', [page('/even/0', 'zebra')]);
  return store;
}

const names = async (store: DocumentStore) => (await store.libraries()).map(({ name }) => name);

export const documentDeletionTests = contractGroup('document-store', [
  [
    'remove-library',
    'removing a library returns what was deleted with it, also for a library without versions; a missing one removes nothing',
    async (t) => {
      const store = await filled(t);
      assert.deepEqual(await store.removeLibrary('Fastify'), {
        versionsDeleted: 2,
        pagesDeleted: 26,
        documentsDeleted: 51,
        libraryDeleted: true,
      });
      const nothing = { versionsDeleted: 0, pagesDeleted: 0, documentsDeleted: 0 };
      assert.deepEqual(await store.removeLibrary('fastify'), { ...nothing, libraryDeleted: false });
      assert.deepEqual(await names(store), ['pino']);
      await assertHitCount(store, ['pino', ''], 'zebra', 1);
      await assertHitCount(store, ['fastify', '5'], 'zebra', 0);
      await store.removeVersion('pino', '', { removeLibrary: false });
      assert.deepEqual(await names(store), ['pino']);
      assert.deepEqual(await store.removeLibrary('pino'), { ...nothing, libraryDeleted: true });
      assert.deepEqual(await names(store), []);
      assert.deepEqual(await store.backend.vectors.stats(), { indexed: 0, without: 0, unusable: 0 });
    },
  ],
  [
    'delete-pages-where',
    'pages are deleted by the beginning of their URL or the time of their last write; a filter without a condition is a TypeError',
    async (t) => {
      const store = await filled(t);
      const version = (await store.version('fastify', '5'))?.id ?? 0;
      const where = (filter: { urlPrefix?: string; notUpdatedSince?: Date | string }) =>
        store.deletePagesWhere('fastify', '5', filter);
      await assert.rejects(where({}), TypeError);
      await assert.rejects(where({ urlPrefix: '' }), TypeError);
      await assert.rejects(where({ notUpdatedSince: new Date(Number.NaN) }), TypeError);
      assert.deepEqual(await where({ notUpdatedSince: new Date(0) }), {
        pagesDeleted: 0,
        documentsDeleted: 0,
      });
      assert.deepEqual(await where({ urlPrefix: '/even/' }), { pagesDeleted: 13, documentsDeleted: 26 });
      assert.equal((await store.pages(version)).length, 12);
      const later = new Date(Date.now() + 3_600_000);
      assert.deepEqual(await where({ urlPrefix: '/odd/1', notUpdatedSince: later }), {
        pagesDeleted: 6,
        documentsDeleted: 12,
      });
      assert.deepEqual(await where({ notUpdatedSince: later.toISOString() }), {
        pagesDeleted: 6,
        documentsDeleted: 12,
      });
      await assertHitCount(store, ['fastify', '5'], 'zebra', 0);
      await assertHitCount(store, ['fastify', '4'], 'zebra', 1);
      const unknown = await store.deletePagesWhere('fastify', 'unknown', { urlPrefix: '/' });
      assert.deepEqual(unknown, { pagesDeleted: 0, documentsDeleted: 0 });
    },
  ],
  [
    'clear',
    'clearing a store returns what was deleted and keeps its profile; pages can be added again',
    async (t) => {
      const store = await filled(t);
      const { profile } = store;
      assert.deepEqual(await store.clear(), {
        librariesDeleted: 2,
        versionsDeleted: 3,
        pagesDeleted: 27,
        documentsDeleted: 52,
      });
      assert.deepEqual(await store.overview(), []);
      assert.deepEqual(await names(store), []);
      assert.deepEqual(await store.backend.vectors.profile(), profile);
      const nothing = { librariesDeleted: 0, versionsDeleted: 0, pagesDeleted: 0, documentsDeleted: 0 };
      assert.deepEqual(await store.clear(), nothing);
      await store.addPage('fastify', '5', page('/a', 'zebra'));
      await assertHitCount(store, ['fastify', '5'], 'zebra', 1);
    },
  ],
]);
