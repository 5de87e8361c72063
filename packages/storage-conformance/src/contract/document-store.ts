import assert from 'node:assert/strict';
import { DocumentStore, type Embedder, embeddingText } from '@switchyard/storage-core';
import { contractGroup } from '../suite/contract-test.js';
import { assertSameBytes, rejects } from '../support/assertions.js';
import { vectorCounts } from '../support/declared.js';
import { embedderOf, openDocuments, page } from '../support/documents.js';
import { dump } from '../support/dump.js';
import { letterEmbedder } from '../support/embedder.js';

export const documentStoreTests = contractGroup('document-store', [
  [
    'open-adopts-the-profile',
    'opening with an embedder opens the backend, and a new store adopts its model with the first page',
    async (t) => {
      const { backend } = await t.create();
      const store = await DocumentStore.open({ backend, embedder: embedderOf(t) });
      assert.equal(store.profile?.model, embedderOf(t).model);
      assert.deepEqual(await store.libraries(), []);
      await store.addPage('fastify', '5', page('/a', 'zebra'));
      assert.deepEqual(await backend.vectors.profile(), store.profile);
      await store.close();
      await rejects(() => backend.catalog.libraries(), 'STORAGE_CLOSED');
    },
    { capability: 'vectors' },
  ],
  [
    'open-without-embedder',
    'opening without an embedder, or with an unavailable one, leaves the profile alone and skips the check',
    async (t) => {
      const { backend } = await t.create();
      await DocumentStore.open({ backend });
      assert.equal(await backend.vectors.profile(), null);
      const store = await DocumentStore.open({ backend, embedder: embedderOf(t) });
      await store.addPage('fastify', '5', page('/a', 'zebra'));
      const { profile } = store;
      const other = letterEmbedder({ model: 'other:model', dimension: 3, available: false });
      assert.deepEqual((await DocumentStore.open({ backend, embedder: other })).profile, profile);
      assert.deepEqual((await DocumentStore.open({ backend })).profile, profile);
    },
    { capability: 'vectors' },
  ],
  [
    'model-change-is-refused',
    'opening with another model is rejected with STORAGE_MODEL_CHANGED, closes the backend, and changes nothing',
    async (t) => {
      const store = await openDocuments(t);
      const { backend } = store;
      await store.addPage('fastify', '5', page('/a', 'zebra'));
      const before = await dump(backend);
      const embedder = letterEmbedder({ model: 'other:model', dimension: 26 });
      const { message } = await rejects(
        () => DocumentStore.open({ backend, embedder }),
        'STORAGE_MODEL_CHANGED',
      );
      assert.ok(message.includes('other:model') && message.includes(embedderOf(t).model), message);
      await rejects(() => backend.catalog.libraries(), 'STORAGE_CLOSED');
      if (!backend.capabilities.persistent) return;
      await backend.open();
      assert.deepEqual(await dump(backend), before);
    },
    { capability: 'vectors' },
  ],
  [
    'model-change-confirmed',
    'opening with another model and onModelChange: reset drops the vectors; full-text search still works',
    async (t) => {
      const { backend } = await openDocuments(t);
      const first = await DocumentStore.open({ backend, embedder: embedderOf(t) });
      await first.addPage('fastify', '5', page('/a', 'zebra'));
      const embedder = letterEmbedder({ model: 'other:model', dimension: 26 });
      const store = await DocumentStore.open({ backend, embedder, onModelChange: 'reset' });
      assert.deepEqual([store.profile?.model, store.profile?.dimension], ['other:model', 26]);
      assert.deepEqual(await backend.vectors.stats(), { indexed: 0, without: 1, unusable: 0 });
      assert.equal((await store.search('fastify', '5', 'zebra')).length, 1);
      await store.addPage('fastify', '5', page('/a', 'zebra'));
      assert.equal((await backend.vectors.stats()).indexed, 1);
    },
    { capability: 'vectors' },
    { capability: 'fts' },
  ],
  [
    'model-change-is-noticed',
    'a store opened before the model changed to another of the same dimension neither searches nor writes with the old one',
    async (t) => {
      const store = await openDocuments(t);
      const { backend } = store;
      await store.addPage('fastify', '5', page('/a', 'zebra'));
      const { dimension = 0 } = store.profile ?? {};
      await backend.vectors.reconcile({ model: 'other:model', dimension }, 'reset');
      const before = await dump(backend);
      await rejects(() => store.search('fastify', '5', 'zebra'), 'STORAGE_MODEL_CHANGED');
      await rejects(() => store.addPage('fastify', '5', page('/b', 'okapi')), 'STORAGE_MODEL_CHANGED');
      assert.deepEqual(await dump(backend), before);
    },
    { capability: 'vectors' },
  ],
  [
    'reset-vectors',
    'resetVectors drops the vectors of the same model too, the profile follows, and pages can be embedded again',
    async (t) => {
      const store = await openDocuments(t);
      const before = store.profile;
      await store.addPage('fastify', '5', page('/a', 'zebra', 'okapi'));
      assert.deepEqual(await store.resetVectors(), { profile: before, previous: before, vectorsDropped: 2 });
      assert.deepEqual(store.profile, before);
      assert.deepEqual(await store.backend.vectors.stats(), { indexed: 0, without: 2, unusable: 0 });
      const [hit] = await store.search('fastify', '5', 'zebra');
      assert.equal(hit?.content, 'zebra');
      await store.addPage('fastify', '5', page('/a', 'zebra', 'okapi'));
      assert.equal((await store.backend.vectors.stats()).indexed, 2);
    },
    { capability: 'vectors' },
    { capability: 'fts' },
  ],
  [
    'reset-vectors-to-another-model',
    'after resetVectors to another model, the profile is the new one, and the old embedder is refused before it is called',
    async (t) => {
      let calls = 0;
      const inner = embedderOf(t);
      const embed: Embedder['embed'] = (texts, options) => {
        calls += 1;
        return inner.embed(texts, options);
      };
      const store = await openDocuments(t, { embedder: { ...inner, embed } });
      await store.addPage('fastify', '5', page('/a', 'zebra'));
      const reset = await store.resetVectors({ model: 'other:model', dimension: 7 });
      assert.deepEqual([reset.vectorsDropped, reset.previous?.model], [1, inner.model]);
      assert.deepEqual(store.profile, { ...reset.profile, model: 'other:model', dimension: 7 });
      assert.deepEqual(await store.backend.vectors.profile(), store.profile);
      const before = await dump(store.backend);
      calls = 0;
      await rejects(() => store.search('fastify', '5', 'zebra'), 'STORAGE_MODEL_CHANGED');
      await rejects(() => store.addPage('fastify', '5', page('/b', 'okapi')), 'STORAGE_MODEL_CHANGED');
      assert.equal(calls, 0);
      assert.deepEqual(await dump(store.backend), before);
      const vector = new Float32Array(7).fill(1);
      assert.equal((await store.search('fastify', '5', 'zebra', { vector })).length, 1);
      await store.resetVectors();
      assert.equal(store.profile?.model, inner.model);
      await store.addPage('fastify', '5', page('/a', 'zebra'));
      assert.equal((await store.search('fastify', '5', 'zebra')).length, 1);
    },
    { capability: 'vectors' },
    { capability: 'fts' },
  ],
  [
    'reset-vectors-of-a-new-store',
    'resetVectors before the first page stores the profile the store would have adopted, and without a profile or embedder it is a TypeError',
    async (t) => {
      const store = await openDocuments(t);
      const expected = store.profile;
      const { previous, vectorsDropped } = await store.resetVectors();
      assert.deepEqual([previous, vectorsDropped], [null, 0]);
      assert.deepEqual(await store.backend.vectors.profile(), expected);
      await store.addPage('fastify', '5', page('/a', 'zebra'));
      assert.equal((await store.backend.vectors.stats()).indexed, 1);

      const without = await openDocuments(t, { embedder: undefined });
      await assert.rejects(without.resetVectors(), TypeError);
      await assert.rejects(without.resetVectors({ model: 'unknown:model' }), TypeError);
      const { profile } = await without.resetVectors({ model: 'unknown:model', dimension: 3 });
      assert.deepEqual(without.profile, profile);
    },
    { capability: 'vectors' },
  ],
  [
    'reset-vectors-elsewhere',
    'a store that was opened before another one reset the vectors to another model is told so when it searches and writes',
    async (t) => {
      const { backend, reopen } = await t.create();
      assert.ok(reopen !== undefined);
      const store = await DocumentStore.open({ backend, embedder: embedderOf(t) });
      await store.addPage('fastify', '5', page('/a', 'zebra'));
      const other = await DocumentStore.open({ backend: await reopen() });
      const { dimension = 0 } = store.profile ?? {};
      await other.resetVectors({ model: 'other:model', dimension });
      await rejects(() => store.search('fastify', '5', 'zebra'), 'STORAGE_MODEL_CHANGED');
      await rejects(() => store.addPage('fastify', '5', page('/b', 'okapi')), 'STORAGE_MODEL_CHANGED');
    },
    { capability: 'multiProcess' },
    { hook: 'reopen' },
    { capability: 'vectors' },
  ],
  [
    'what-is-embedded',
    'a chunk is embedded as its title, URL and headings followed by its text, and the vector is stored',
    async (t) => {
      const texts: string[] = [];
      const inner = embedderOf(t);
      const embed: Embedder['embed'] = (given, options) => {
        texts.push(...given);
        return inner.embed(given, options);
      };
      const store = await openDocuments(t, { embedder: { ...inner, embed } });
      const document = page('/a', 'one', 'two');
      await store.addPage('fastify', '5', document);
      const expected = document.chunks.map((chunk) => embeddingText(document, chunk));
      assert.equal(expected[0], '<title>Title of /a</title>\n<url>/a</url>\n<path>Guide</path>\none');
      assert.deepEqual(texts.slice(-2), expected);
      const vectors = await inner.embed(expected);
      const [snapshot] = await store.backend.catalog.snapshot({
        version: { library: 'fastify', version: '5' },
        limit: 1,
      });
      for (const [i, { vector }] of (snapshot?.chunks ?? []).entries()) {
        assertSameBytes(vector, vectors[i] ?? null, `chunk ${i}`);
      }
    },
    { capability: 'vectors' },
  ],
  [
    'short-vectors-are-padded',
    'a vector shorter than the store’s dimension is padded with zeros; a longer one is STORAGE_DIMENSION_MISMATCH',
    async (t) => {
      const dimension = 30;
      const store = await openDocuments(t, { embedder: letterEmbedder(), dimension });
      await store.addPage('fastify', '5', page('/a', 'zebra'));
      const [snapshot] = await store.backend.catalog.snapshot({
        version: { library: 'fastify', version: '5' },
        limit: 1,
      });
      const vector = snapshot?.chunks[0]?.vector;
      assert.equal(vector?.length, dimension);
      assert.deepEqual([...(vector?.subarray(26) ?? [])], [0, 0, 0, 0]);
      assert.equal((await store.search('fastify', '5', 'zebra')).length, 1);
      const before = await dump(store.backend);
      const tooLong = await openDocuments(t, {
        embedder: letterEmbedder({ dimension: undefined }),
        dimension: 20,
      });
      await rejects(() => tooLong.addPage('fastify', '5', page('/a', 'zebra')), 'STORAGE_DIMENSION_MISMATCH');
      assert.equal((await tooLong.backend.inspect()).counts.chunks, 0);
      assert.deepEqual(await dump(store.backend), before);
    },
    { capability: 'vectors' },
  ],
  [
    'queries-are-embedded-as-queries',
    'an embedder with embedQuery gets searches and the test text as queries, pages as documents',
    async (t) => {
      const { dimension: _, ...inner } = letterEmbedder();
      const asked: string[] = [];
      const embedQuery = async (text: string) => {
        asked.push(text);
        // Queries ask for letters that documents spell differently.
        return (await inner.embed([text.replaceAll('zebra', 'okapi')]))[0] as Float32Array;
      };
      const store = await openDocuments(t, { embedder: { ...inner, embedQuery } });
      assert.equal(asked.length, 1);
      assert.equal(store.profile?.dimension, 26);
      await store.addPages('fastify', '5', [
        page('/a', 'zebra zebra zebra'),
        page('/b', 'okapi okapi okapi'),
      ]);
      assert.equal(asked.length, 1);
      const hits = await store.search('fastify', '5', 'zebra zebra zebra');
      assert.deepEqual(asked.slice(1), ['zebra zebra zebra']);
      assert.deepEqual(
        hits.toSorted((a, b) => (a.vecRank ?? 0) - (b.vecRank ?? 0)).map(({ url }) => url),
        ['/b', '/a'],
      );
    },
    { capability: 'vectors' },
  ],
  [
    'dimension-below-the-model',
    'a dimension below the model’s is refused before anything is embedded; a truncatable embedder’s vectors are cut to it, with length 1',
    async (t) => {
      const plain = letterEmbedder({ embed: () => Promise.reject(new Error('embedded')) });
      const { message } = await rejects(
        () => openDocuments(t, { embedder: plain, dimension: 9 }),
        'STORAGE_DIMENSION_MISMATCH',
      );
      for (const part of ['9', '26', 'truncatable']) assert.ok(message.includes(part), message);
      const store = await openDocuments(t, { embedder: letterEmbedder({ truncatable: true }), dimension: 9 });
      await store.addPage('fastify', '5', page('/a', 'cab', 'fig'));
      assert.equal((await store.search('fastify', '5', 'cab')).length, 2);
      const version = { library: 'fastify', version: '5' };
      const [snapshot] = await store.backend.catalog.snapshot({ version, limit: 1 });
      for (const { vector } of snapshot?.chunks ?? []) {
        assert.equal(vector?.length, 9);
        assert.ok(Math.abs(Math.hypot(...(vector ?? [])) - 1) < 1e-6);
      }
    },
    { capability: 'vectors' },
  ],
  [
    'page-without-chunks',
    'adding a page without chunks changes nothing, whether or not the page exists',
    async (t) => {
      const store = await openDocuments(t);
      await store.addPage('fastify', '5', page('/a', 'one'));
      const before = await dump(store.backend);
      const unchanged = { pageId: null, chunkIds: [], chunksReplaced: 0 };
      assert.deepEqual(await store.addPage('fastify', '5', page('/a')), unchanged);
      assert.deepEqual(await store.addPage('fastify', '5', page('/b')), unchanged);
      assert.deepEqual(await dump(store.backend), before);
    },
  ],
  [
    'add-replaces',
    'adding a page again replaces its chunks and keeps its id; chunk ids are strings',
    async (t) => {
      const store = await openDocuments(t);
      const first = await store.addPage('Fastify', '5', page('/a', 'one', 'two', 'three'));
      assert.equal(first.chunkIds.length, 3);
      for (const id of first.chunkIds) assert.equal(typeof id, 'string');
      const second = await store.addPage('FASTIFY', '5', page('/a', 'four'));
      assert.deepEqual([second.pageId, second.chunksReplaced], [first.pageId, 3]);
      const chunks = await store.chunksByUrl('fastify', '5', '/a');
      assert.deepEqual(
        chunks.map(({ content, sortOrder }) => [content, sortOrder]),
        [['four', 0]],
      );
    },
  ],
  [
    'many-pages',
    'many pages are added in order and report progress',
    async (t) => {
      const store = await openDocuments(t);
      const pages = Array.from({ length: 40 }, (_, i) => page(`/page-${i}`, `zebra ${i}`, 'okapi', 'more'));
      const progress: number[] = [];
      const added = await store.addPages('fastify', '5', [...pages, page('/empty')], {
        onProgress: (now) => progress.push(now.pages),
      });
      assert.equal(added.length, 41);
      assert.equal(added[40]?.pageId, null);
      assert.equal(progress.at(-1), 41);
      const version = await store.version('fastify', '5');
      assert.ok(version !== null);
      const stored = await store.pages(version.id);
      for (const [i, { pageId }] of added.slice(0, 40).entries()) {
        assert.equal(stored.find(({ id }) => id === pageId)?.url, `/page-${i}`);
      }
      assert.deepEqual(await store.backend.vectors.stats(), vectorCounts(store.backend, 120, 0));
    },
  ],
  [
    'embedder-fails',
    'if the embedder fails, the error names the URL and the model, and the page stays unchanged',
    async (t) => {
      const store = await openDocuments(t);
      await store.addPage('fastify', '5', page('/a', 'one'));
      const before = await dump(store.backend);
      const embed = () => Promise.reject(new Error('no credit left'));
      const failing = await DocumentStore.open({
        backend: store.backend,
        embedder: { ...embedderOf(t), embed },
      });
      const { message } = await rejects(
        () => failing.addPage('fastify', '5', page('/a', 'two')),
        'STORAGE_EMBEDDING_FAILED',
      );
      for (const part of ['/a', embedderOf(t).model, 'no credit left'])
        assert.ok(message.includes(part), message);
      assert.deepEqual(await dump(store.backend), before);
    },
    { capability: 'vectors' },
  ],
  [
    'too-large-texts',
    'a batch that is too large is halved, a text that is too large is truncated once, and one that is still too large fails',
    async (t) => {
      const inner = letterEmbedder({ limits: { maxTexts: 99, maxCharacters: 99_999 } });
      const embed: Embedder['embed'] = async (texts, options) =>
        // Three texts are too many for this embedder; each alone is not.
        texts.length > 2 ? inner.embed(['x'.repeat(9_999)], options) : inner.embed(texts, options);
      const store = await openDocuments(t, { embedder: { ...inner, embed } });
      await store.addPage('fastify', '5', page('/a', 'one', 'two', 'three', 'four', 'z'.repeat(3_000)));
      assert.deepEqual(await store.backend.vectors.stats(), { indexed: 5, without: 0, unusable: 0 });
      await rejects(
        () => store.addPage('fastify', '5', page('/b', 'z'.repeat(9_000))),
        'STORAGE_EMBEDDING_TOO_LARGE',
      );
      assert.equal((await store.chunksByUrl('fastify', '5', '/b')).length, 0);
    },
    { capability: 'vectors' },
  ],
]);
