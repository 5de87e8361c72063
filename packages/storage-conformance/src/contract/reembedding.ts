import assert from 'node:assert/strict';
import {
  DocumentStore,
  type Embedder,
  type PageDocument,
  reembed,
  type StorageBackend,
  StorageError,
} from '@switchyard/storage-core';
import { contractGroup, type Need } from '../suite/contract-test.js';
import { rejects } from '../support/assertions.js';
import { chunk, replacePage, under } from '../support/build.js';

const needs: Need = { capability: 'reembedding' };
const library = 'fastify';
const version = '5.6.0';
const TOO_LARGE = 'a text that no model takes';

interface CountingEmbedder extends Embedder {
  /** Every text that was embedded. */
  readonly texts: string[];
}

/** Embeds texts as vectors that depend on their letters and on the model. */
function embedderOf(
  model: string,
  dimension: number,
  before: (texts: readonly string[]) => void | Promise<void> = () => undefined,
): CountingEmbedder {
  const asked: string[] = [];
  return {
    model,
    dimension,
    available: true,
    limits: { maxTexts: 4, maxCharacters: 100_000 },
    texts: asked,
    embed: async (texts) => {
      await before(texts);
      if (texts.some((text) => text.includes(TOO_LARGE))) {
        throw new StorageError('STORAGE_EMBEDDING_TOO_LARGE', 'Too large.');
      }
      asked.push(...texts);
      return texts.map((text) => {
        const values = new Float32Array(dimension);
        for (const letter of text) {
          const at = (letter.charCodeAt(0) * model.length) % dimension;
          values[at] = (values[at] ?? 0) + 1;
        }
        return values;
      });
    },
  };
}

const pages: readonly PageDocument[] = Array.from({ length: 6 }, (_, page) => ({
  url: `/page-${page}`,
  title: `Page ${page}`,
  chunks: Array.from({ length: 3 }, (_, at) => ({
    content: `zebra ${'abcdefg'.slice(page, page + 2)} okapi ${'hijklmnop'.slice(at * 2)}`,
    metadata: under([`Part ${at}`], at === 0 ? ['structural'] : ['text']),
  })),
}));

const small = { chunksPerBatch: 4 };

async function indexed(backend: StorageBackend, embedder: Embedder): Promise<DocumentStore> {
  const store = await DocumentStore.open({ backend, embedder });
  await store.addPages(library, version, pages);
  return store;
}

/** Returns search results without ids. */
async function searches(backend: StorageBackend, embedder: Embedder): Promise<unknown> {
  const store = await DocumentStore.open({ backend, embedder });
  const found: unknown[] = [];
  for (const text of ['zebra', 'abc', 'okapi hij', 'Page 3']) {
    const hits = await store.search(library, version, text, { limit: 20 });
    found.push(
      hits.map(({ url, content, score, vecRank, ftsRank }) => [url, content, score, vecRank, ftsRank]),
    );
  }
  return found;
}

export const reembeddingTests = contractGroup('reembedding', [
  [
    'job',
    'a re-embedded store gives the same results as one indexed with the new model, with the same chunks as before',
    async (t) => {
      const [old, next] = [embedderOf('old:model', 5), embedderOf('new:longer-model', 7)];
      const backend = await t.open({ profile: false });
      await indexed(backend, old);
      const before = await backend.catalog.chunksByUrl({ library, version }, '/page-2');
      const done: number[] = [];
      const result = await reembed(backend, next, {
        ...small,
        onProgress: (progress) => {
          assert.equal(progress.total, 18);
          done.push(progress.done);
        },
      });
      const { outcome, embedded, resumed, vectors, givenUp, profile, previous } = result;
      assert.deepEqual([outcome, embedded, resumed, vectors, givenUp], ['switched', 18, 0, 18, 0]);
      assert.deepEqual(
        [previous?.model, profile.model, profile.dimension],
        ['old:model', 'new:longer-model', 7],
      );
      assert.deepEqual(done, [0, 4, 8, 12, 16, 18]);
      assert.deepEqual(await backend.catalog.chunksByUrl({ library, version }, '/page-2'), before);
      const fresh = await t.open({ profile: false });
      await indexed(fresh, next);
      assert.deepEqual(await searches(backend, next), await searches(fresh, next));
      await rejects(() => DocumentStore.open({ backend, embedder: old }), 'STORAGE_MODEL_CHANGED');
    },
    needs,
  ],
  [
    'resume',
    'a failed or aborted job resumes where it stopped, and searches stay unchanged until it is done',
    async (t) => {
      const old = embedderOf('old:model', 5);
      const backend = await t.open({ profile: false });
      await indexed(backend, old);
      const before = await searches(backend, old);
      let calls = 0;
      const failing = embedderOf('new:model', 7, () => {
        calls += 1;
        if (calls === 3) throw new Error('no network');
      });
      await rejects(() => reembed(backend, failing, small), 'STORAGE_EMBEDDING_FAILED');
      assert.equal(failing.texts.length, 8);
      assert.deepEqual(await searches(backend, old), before);

      const controller = new AbortController();
      const aborted = embedderOf('new:model', 7, () => controller.abort());
      await rejects(
        () => reembed(backend, aborted, { ...small, signal: controller.signal }),
        'STORAGE_ABORTED',
      );
      assert.deepEqual(await searches(backend, old), before);
      assert.equal((await backend.staging?.status())?.staged, 8 + aborted.texts.length);

      const last = embedderOf('new:model', 7);
      const { embedded, resumed } = await reembed(backend, last, small);
      assert.deepEqual([embedded, resumed], [last.texts.length, 8 + aborted.texts.length]);
      const texts = [...failing.texts, ...aborted.texts, ...last.texts];
      assert.equal(new Set(texts).size, 18);
      assert.equal(texts.length, 18);
    },
    needs,
  ],
  [
    'writer-meanwhile',
    'pages added and deleted during the job are correct after it',
    async (t) => {
      const old = embedderOf('old:model', 5);
      const backend = await t.open({ profile: false });
      const writer = await indexed(backend, old);
      let calls = 0;
      const next = embedderOf('new:model', 7, async () => {
        calls += 1;
        if (calls !== 2) return;
        await writer.addPage(library, version, {
          url: '/page-0',
          title: 'New',
          chunks: [{ content: 'zebra written during the job', metadata: under([]) }],
        });
        const [page] = await backend.catalog.pages({ library, version });
        assert.ok(page !== undefined);
        await backend.apply([
          { kind: 'deletePage', page: { version: { library, version }, url: '/page-1' } },
        ]);
      });
      const { vectors } = await reembed(backend, next, small);
      assert.equal(vectors, 13);
      assert.deepEqual(await backend.vectors.stats(), { indexed: 13, without: 0, unusable: 0 });
      const store = await DocumentStore.open({ backend, embedder: next });
      const [hit] = await store.search(library, version, 'written during the job', { limit: 1 });
      assert.equal(hit?.content, 'zebra written during the job');
    },
    needs,
  ],
  [
    'too-large',
    'a text that is too large even when truncated is given up and does not stop the others',
    async (t) => {
      const old = embedderOf('old:model', 5);
      const backend = await t.open({ profile: false });
      await indexed(backend, old);
      // Its first half is too large as well, with any prefix.
      const content = `${TOO_LARGE} `.repeat(9);
      await backend.apply([replacePage({ library, version }, '/large', [chunk(content), chunk('after it')])]);
      const { vectors, givenUp } = await reembed(backend, embedderOf('new:model', 7), small);
      assert.deepEqual([vectors, givenUp], [19, 1]);
      assert.deepEqual(await backend.vectors.stats(), { indexed: 19, without: 1, unusable: 0 });
    },
    needs,
  ],
  [
    'same-model',
    'a store that already has the model is left alone unless forced; then chunks without vectors get theirs',
    async (t) => {
      const embedder = embedderOf('old:model', 5);
      const backend = await t.open({ profile: false });
      await indexed(backend, embedder);
      await backend.apply([replacePage({ library, version }, '/bare', [chunk('zebra')])]);
      const again = embedderOf('old:model', 5);
      const { outcome } = await reembed(backend, again);
      assert.deepEqual([outcome, again.texts.length], ['unchanged', 0]);
      assert.equal((await backend.vectors.stats()).without, 1);
      const forced = await reembed(backend, again, { force: true });
      assert.deepEqual([forced.outcome, again.texts.length], ['switched', 19]);
      assert.equal((await backend.vectors.stats()).without, 0);
    },
    needs,
  ],
]);
