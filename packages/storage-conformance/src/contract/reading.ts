import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { DocumentStore, type StorageBackend } from '@switchyard/storage-core';
import { type TestStore, testDimension, testModel } from '../suite/context.js';
import { contractGroup } from '../suite/contract-test.js';
import { chunk, fastify, vector, write } from '../support/build.js';
import { assertFound, assertMatches } from '../support/declared.js';
import { assertHitCount, embedderOf, page } from '../support/documents.js';
import { dump } from '../support/dump.js';
import { letterEmbedder } from '../support/embedder.js';
import { everyCall } from '../support/every-call.js';

/** Options of a search with the model of the test stores. */
const embedder = letterEmbedder({
  model: testModel,
  dimension: testDimension,
  embed: async (texts) => texts.map(() => new Float32Array(testDimension).fill(1)),
});

/** Makes every reading call, through the ports and through a `DocumentStore` on top of them. */
async function readEverything(backend: StorageBackend): Promise<void> {
  for (const { name, isWrite, call } of everyCall(backend)) {
    if (isWrite) continue;
    try {
      await call();
    } catch (error) {
      throw new Error(`${name} failed`, { cause: error });
    }
  }
  await backend.migrator.migrate({ dryRun: true });
  await dump(backend);
  const store = await DocumentStore.open({ backend, embedder });
  await store.overview();
  await assertHitCount(store, ['fastify', '5'], 'zebra', 0);
  await store.version('fastify', '5');
}

/** Returns the content of the store, by the fingerprint hook if there is one, else as visible through the ports. */
async function stateOf({ backend, fingerprint }: TestStore): Promise<unknown> {
  return fingerprint === undefined ? [await dump(backend), await backend.migrator.status()] : fingerprint();
}

export const readingTests = contractGroup('reading', [
  [
    'changes-nothing',
    'no reading call changes the store: no row, no schema object, no setting of the file',
    async (t) => {
      const store = await t.openStore();
      const { backend } = store;
      await write(backend, fastify, '/a', [chunk('zebra', { vector: vector(1, 0, 0, 0) }), chunk('none')]);
      const before = await stateOf(store);
      await readEverything(backend);
      assert.deepEqual(await stateOf(store), before);
    },
  ],
  [
    'creates-nothing',
    'opening and reading an empty store creates nothing; the first write does',
    async (t) => {
      const store = await t.create();
      const { backend, fingerprint } = store;
      const untouched = await fingerprint?.();
      await backend.open();
      const before = await stateOf(store);
      await readEverything(backend);
      const after = await stateOf(store);
      assert.deepEqual(after, before);
      if (fingerprint !== undefined) assert.deepEqual(after, untouched);
      await write(backend, fastify, '/a', [chunk('zebra')]);
      assert.equal((await backend.migrator.status()).state, 'current');
      assert.notDeepEqual(await stateOf(store), after);
    },
  ],
  [
    'creates-no-file',
    'opening, reading and closing a store whose file does not exist creates no file; the first write does',
    async (t) => {
      const { backend, file, again } = await t.create();
      if (file === undefined) return;
      assert.equal(existsSync(file), false, 'create() must leave the file to the backend');
      await backend.open();
      await readEverything(backend);
      assert.equal(existsSync(file), false, 'the file exists after reading');
      const next = await again();
      assert.equal(existsSync(file), false, 'the file exists after close()');
      await write(next, fastify, '/a', [chunk('zebra')]);
      assert.equal(existsSync(file), true);
    },
  ],
  [
    'created-by-another',
    'a store opened before it was created reads and writes a store that another connection created since',
    async (t) => {
      const { backend, reopen } = await t.create();
      const other = await reopen?.();
      assert.ok(other !== undefined);
      for (const store of [backend, other]) {
        await store.open();
        assert.deepEqual(await store.catalog.libraries(), []);
      }
      const urls = async (store: StorageBackend) =>
        (await store.catalog.pages(fastify)).map(({ url }) => url).sort();
      await write(backend, fastify, '/a', [chunk('zebra')]);
      assert.deepEqual(await urls(other), ['/a']);
      assert.equal((await other.migrator.status()).state, 'current');
      await write(other, fastify, '/b', [chunk('okapi')]);
      assert.deepEqual(await urls(backend), ['/a', '/b']);
    },
    { capability: 'multiProcess' },
    { hook: 'reopen' },
  ],
  [
    'empty-store',
    'an empty store reads as empty, also after another connection has read it',
    async (t) => {
      const { backend } = await t.openStore({ profile: false });
      assert.deepEqual(await backend.catalog.libraries(), []);
      assert.deepEqual(await backend.catalog.overview(), []);
      assert.deepEqual(await backend.catalog.snapshot({ version: fastify, limit: 1 }), []);
      assert.equal(await backend.vectors.profile(), null);
      assert.deepEqual(await backend.vectors.stats(), { indexed: 0, without: 0, unusable: 0 });
      await assertFound(backend, fastify, { word: 'zebra', near: vector(1, 0, 0, 0) }, []);
      const { counts } = await backend.inspect();
      assert.deepEqual(counts, { libraries: 0, versions: 0, pages: 0, chunks: 0, vectors: 0 });
      const { chunkIds } = await write(backend, fastify, '/a', [chunk('zebra')]);
      await assertMatches(backend, fastify, 'zebra', chunkIds);
    },
  ],
  [
    'adopts-with-the-first-page',
    'opening with an embedder writes no profile; adding a page does, and another model is rejected from then on',
    async (t) => {
      const { backend } = await t.create();
      const store = await DocumentStore.open({ backend, embedder: embedderOf(t) });
      assert.equal(store.profile?.model, embedderOf(t).model);
      await store.search('fastify', '5', 'zebra');
      assert.equal(await backend.vectors.profile(), null);
      await store.addPage('fastify', '5', { ...page('/a', 'zebra'), chunks: [] });
      assert.equal(await backend.vectors.profile(), null);
      await store.addPage('fastify', '5', page('/a', 'zebra'));
      assert.deepEqual(await backend.vectors.profile(), store.profile);
    },
    { capability: 'vectors' },
  ],
]);
