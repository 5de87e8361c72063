import assert from 'node:assert/strict';
import {
  DocumentStore,
  type DocumentStoreOptions,
  type Embedder,
  embeddingText,
  type PageDocument,
} from '@switchyard/storage-core';
import type { TestContext } from '../suite/context.js';
import { contractGroup } from '../suite/contract-test.js';
import { assertSameBytes, rejects } from '../support/assertions.js';
import { under } from '../support/build.js';
import { dump } from '../support/dump.js';
import { letterEmbedder } from '../support/embedder.js';

/** A document store over a fresh store of the backend under test. */
async function open(t: TestContext, options: Partial<DocumentStoreOptions> = {}): Promise<DocumentStore> {
  const { backend } = await t.create();
  return DocumentStore.open({ backend, embedder: embedderOf(t), ...options });
}

const embedderOf = (t: TestContext): Embedder => t.options.embedder ?? letterEmbedder();

const page = (url: string, ...contents: string[]): PageDocument => ({
  url,
  title: `Title of ${url}`,
  chunks: contents.map((content) => ({ content, metadata: under(['Guide']) })),
});

export const documentStoreTests = contractGroup('document-store', [
  [
    'open-adopts-the-profile',
    'opening with an embedder opens the backend and gives a new store the model of the embedder',
    async (t) => {
      const { backend } = await t.create();
      const store = await DocumentStore.open({ backend, embedder: embedderOf(t) });
      assert.equal(store.profile?.model, embedderOf(t).model);
      assert.deepEqual(await backend.vectors.profile(), store.profile);
      assert.deepEqual(await store.libraries(), []);
      await store.close();
      await rejects(() => backend.catalog.libraries(), 'STORAGE_CLOSED');
    },
  ],
  [
    'open-without-embedder',
    'opening without an embedder, or with one that is not available, leaves the profile alone and skips the check',
    async (t) => {
      const { backend } = await t.create();
      await DocumentStore.open({ backend });
      assert.equal(await backend.vectors.profile(), null);
      const { profile } = await DocumentStore.open({ backend, embedder: embedderOf(t) });
      const other = letterEmbedder({ model: 'other:model', dimension: 3, available: false });
      assert.deepEqual((await DocumentStore.open({ backend, embedder: other })).profile, profile);
      assert.deepEqual((await DocumentStore.open({ backend })).profile, profile);
    },
  ],
  [
    'model-change-is-refused',
    'opening with another model is refused with STORAGE_MODEL_CHANGED, the backend is closed, and nothing is touched',
    async (t) => {
      const store = await open(t);
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
  ],
  [
    'model-change-confirmed',
    'opening with another model and onModelChange: reset drops the vectors, and words still find',
    async (t) => {
      const { backend } = await open(t);
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
  ],
  [
    'what-is-embedded',
    'what is embedded of a chunk is its title, URL and headings, then its text, and its vector is stored',
    async (t) => {
      const texts: string[] = [];
      const inner = embedderOf(t);
      const embed: Embedder['embed'] = (given, options) => {
        texts.push(...given);
        return inner.embed(given, options);
      };
      const store = await open(t, { embedder: { ...inner, embed } });
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
  ],
  [
    'short-vectors-are-padded',
    'a vector shorter than the store’s dimension is padded with zeros; a longer one is STORAGE_DIMENSION_MISMATCH',
    async (t) => {
      const dimension = 30;
      const store = await open(t, { embedder: letterEmbedder(), dimension });
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
      const tooLong = await open(t, { embedder: letterEmbedder({ dimension: undefined }), dimension: 20 });
      await rejects(() => tooLong.addPage('fastify', '5', page('/a', 'zebra')), 'STORAGE_DIMENSION_MISMATCH');
      assert.equal((await tooLong.backend.inspect()).counts.chunks, 0);
      assert.deepEqual(await dump(store.backend), before);
    },
  ],
  [
    'page-without-chunks',
    'adding a page without chunks changes nothing, whether the page is there or not',
    async (t) => {
      const store = await open(t);
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
    'adding a page again replaces its chunks and keeps its id; ids of chunks are strings',
    async (t) => {
      const store = await open(t);
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
    'many pages are added in order, with their progress',
    async (t) => {
      const store = await open(t);
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
      assert.deepEqual(await store.backend.vectors.stats(), { indexed: 120, without: 0, unusable: 0 });
    },
  ],
  [
    'embedder-fails',
    'when the embedder fails, the error names the URL and the model, and the page stays as it was',
    async (t) => {
      const store = await open(t);
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
  ],
  [
    'too-large-texts',
    'a batch that is too large is halved, a text that is too large is cut once, and one still too large is given up',
    async (t) => {
      const inner = letterEmbedder({ limits: { maxTexts: 99, maxCharacters: 99_999 } });
      const embed: Embedder['embed'] = async (texts, options) =>
        // Three texts are too many for this one; each alone is not.
        texts.length > 2 ? inner.embed(['x'.repeat(9_999)], options) : inner.embed(texts, options);
      const store = await open(t, { embedder: { ...inner, embed } });
      await store.addPage('fastify', '5', page('/a', 'one', 'two', 'three', 'four', 'z'.repeat(3_000)));
      assert.deepEqual(await store.backend.vectors.stats(), { indexed: 5, without: 0, unusable: 0 });
      await rejects(
        () => store.addPage('fastify', '5', page('/b', 'z'.repeat(9_000))),
        'STORAGE_EMBEDDING_TOO_LARGE',
      );
      assert.equal((await store.chunksByUrl('fastify', '5', '/b')).length, 0);
    },
  ],
  [
    'delete',
    'deleting a page or all pages of a version gives the number of chunks',
    async (t) => {
      const store = await open(t);
      const { pageId } = await store.addPage('fastify', '5', page('/a', 'one', 'two'));
      await store.addPages('fastify', '5', [page('/b', 'one'), page('/c', 'one', 'two', 'three')]);
      assert.equal(await store.deletePage(pageId as number), 2);
      assert.equal(await store.deletePage(pageId as number), 0);
      assert.equal(await store.deletePages('FASTIFY', '5'), 4);
      assert.equal(await store.deletePages('fastify', 'unknown'), 0);
      assert.equal(await store.hasChunks('fastify', '5'), false);
      assert.equal((await store.version('fastify', '5'))?.name, '5');
    },
  ],
  [
    'remove-version',
    'removing a version says how many chunks, and whether version and library went; one that is not there removes nothing',
    async (t) => {
      const store = await open(t);
      await store.addPage('fastify', '4', page('/a', 'one'));
      await store.addPage('fastify', '5', page('/a', 'one', 'two'));
      await store.addPage('pino', '', page('/a', 'one'));
      const nothing = { documentsDeleted: 0, versionDeleted: false, libraryDeleted: false };
      assert.deepEqual(await store.removeVersion('fastify', '6'), nothing);
      assert.deepEqual(await store.removeVersion('unknown', ''), nothing);
      assert.deepEqual(await store.removeVersion('Fastify', '5'), {
        documentsDeleted: 2,
        versionDeleted: true,
        libraryDeleted: false,
      });
      assert.deepEqual(await store.removeVersion('fastify', '4'), {
        documentsDeleted: 1,
        versionDeleted: true,
        libraryDeleted: true,
      });
      assert.deepEqual(await store.removeVersion('pino', '', { removeLibrary: false }), {
        documentsDeleted: 1,
        versionDeleted: true,
        libraryDeleted: false,
      });
      assert.deepEqual(
        (await store.libraries()).map(({ name }) => name),
        ['pino'],
      );
    },
  ],
  [
    'status-and-progress',
    'status, error message and progress are stored and show in every read of the version',
    async (t) => {
      const store = await open(t);
      const id = await store.resolveVersion('fastify', '5');
      assert.equal(await store.resolveVersion('FASTIFY', '5'), id);
      await store.setVersionStatus(id, 'failed', 'no route');
      await store.setVersionProgress(id, 3, 9);
      const version = await store.versionById(id);
      assert.deepEqual(
        [version?.status, version?.errorMessage, version?.progressPages, version?.progressMaxPages],
        ['failed', 'no route', 3, 9],
      );
      assert.deepEqual(await store.versionsByStatus(['failed']), [version]);
      assert.deepEqual(await store.versions('fastify'), [version]);
      await store.setVersionStatus(id, 'completed');
      assert.equal((await store.version('fastify', '5'))?.errorMessage, null);
    },
  ],
  [
    'scraper-options',
    'scraper options are read back with their source URL; without one there are none to read back',
    async (t) => {
      const store = await open(t);
      const id = await store.resolveVersion('fastify', '5');
      assert.equal(await store.scraperOptions(id), null);
      await store.setScraperOptions(id, 'https://fastify.dev', { depth: 3 });
      assert.deepEqual(await store.scraperOptions(id), {
        sourceUrl: 'https://fastify.dev',
        options: { depth: 3 },
      });
      assert.deepEqual(
        (await store.versionsBySourceUrl('https://fastify.dev')).map((version) => version.id),
        [id],
      );
      await store.setScraperOptions(id, null, { depth: 3 });
      assert.equal(await store.scraperOptions(id), null);
      assert.equal(await store.scraperOptions(987_654), null);
    },
  ],
  [
    'overview',
    'the overview has versions newest first by semantic version, the unversioned one first of all, with their numbers',
    async (t) => {
      const store = await open(t);
      for (const version of ['5.9.0', '5.10.0', '', '5.10.0-rc.1', '4.0.0'])
        await store.resolveVersion('fastify', version);
      await store.resolveVersion('axios', '1.0.0');
      await store.addPages('fastify', '5.10.0', [page('/a', 'one', 'two'), page('/b', 'one')]);
      const overview = await store.overview();
      assert.deepEqual(
        overview.map(({ name }) => name),
        ['axios', 'fastify'],
      );
      const versions = overview[1]?.versions ?? [];
      assert.deepEqual(
        versions.map(({ name }) => name),
        ['', '5.10.0', '5.10.0-rc.1', '5.9.0', '4.0.0'],
      );
      const filled = versions[1];
      assert.deepEqual(
        [filled?.chunks, filled?.urls, filled?.status, filled?.progress],
        [3, 2, 'not_indexed', { pages: 0, maxPages: 0 }],
      );
      assert.match(filled?.indexedAt ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assert.equal(versions[0]?.indexedAt, null);
    },
  ],
  [
    'chunks-and-relatives',
    'chunks are found by id, ids and URL; relatives are those of the page; ids that no store gives find nothing',
    async (t) => {
      const store = await open(t);
      const paths = [['A'], ['A', 'B'], ['A', 'B'], ['A', 'C'], ['A', 'B']];
      const chunks = paths.map((path, i) => ({ content: `c${i}`, metadata: under(path) }));
      const { chunkIds, pageId } = await store.addPage('fastify', '5', { url: '/a', title: 'T', chunks });
      const [c0 = '', c1 = '', c2 = ''] = chunkIds;
      const chunk = await store.chunk(c2);
      assert.deepEqual(
        [chunk?.id, chunk?.content, chunk?.url, chunk?.title, chunk?.pageId, chunk?.sortOrder],
        [c2, 'c2', '/a', 'T', pageId, 2],
      );
      assert.deepEqual(
        (await store.chunks([c2, c0, c2, 'x', '0', '-1', '1.5', ''])).map(({ id }) => id),
        [c0, c2],
      );
      const contents = (found: readonly { readonly content: string }[]) =>
        found.map(({ content }) => content);
      assert.equal((await store.parentOf(c2))?.content, 'c0');
      assert.equal(await store.parentOf(c0), null);
      assert.deepEqual(contents(await store.childrenOf(c0, 3)), ['c1', 'c2', 'c3']);
      assert.deepEqual(contents(await store.precedingSiblings(c2, 5)), ['c1']);
      assert.deepEqual(contents(await store.subsequentSiblings(c1, 1)), ['c2']);
      assert.equal(await store.parentOf('no id'), null);
      assert.deepEqual(await store.childrenOf('987654', 5), []);
      assert.equal(await store.chunk('987654'), null);
    },
  ],
]);
