import assert from 'node:assert/strict';
import {
  type ContextOptions,
  DocumentStore,
  type DocumentStoreOptions,
  type SearchOptions,
} from '@switchyard/storage-core';
import type { TestContext } from '../suite/context.js';
import { contractGroup } from '../suite/contract-test.js';
import { rejectsAsMistake } from '../support/assertions.js';
import { under } from '../support/build.js';
import { embedderOf } from '../support/documents.js';

const context: ContextOptions = { parent: true, children: 5, precedingSiblings: 2, subsequentSiblings: 2 };

/** Opens a store with pages of headings, paragraphs, and some structure. */
async function filled(t: TestContext, options: Partial<DocumentStoreOptions> = {}): Promise<DocumentStore> {
  const { backend } = await t.create();
  const store = await DocumentStore.open({ backend, embedder: embedderOf(t), ...options });
  const paths = [[], ['Hooks'], ['Hooks', 'Order'], ['Hooks', 'Order'], ['Hooks', 'Order', 'x'], ['Routes']];
  for (const version of ['5', '4']) {
    const pages = Array.from({ length: 4 }, (_, number) => ({
      url: `/page-${number}`,
      title: `Page ${number}`,
      chunks: [...paths, ...paths].map((path, i) => ({
        content: `${i % 2 === 0 ? 'zebra' : 'okapi'} ${'and more '.repeat((number * i) % 5)}`,
        metadata: under(path, i === 4 ? ['structural'] : ['text']),
      })),
    }));
    await store.addPages('fastify', version, pages);
  }
  return store;
}

/** Asserts that a search with context finds the same hits as without, each with the relatives of its chunk. */
async function assertContext(store: DocumentStore, text: string, options: SearchOptions): Promise<void> {
  const plain = await store.search('fastify', '5', text, { ...options, context: undefined });
  assert.ok(plain.length > 0);
  assert.ok(plain.every((hit) => !('context' in hit)));
  for (const asked of [context, { parent: true }, { children: 1 }, { subsequentSiblings: 100 }, {}]) {
    const hits = await store.search('fastify', '5', text, { ...options, context: asked });
    assert.deepEqual(
      hits.map(({ context: _, ...hit }) => hit),
      plain,
    );
    assert.deepEqual(
      hits.map((hit) => hit.context),
      await store.relatives(
        plain.map(({ id }) => id),
        asked,
      ),
    );
  }
}

export const searchContextTests = contractGroup('search', [
  [
    'context-of-hybrid-hits',
    'a hybrid search with context finds the same hits, each with the relatives of its chunk',
    async (t) => {
      const store = await filled(t);
      for (const options of [{}, { limit: 1 }, { limit: 30 }])
        await assertContext(store, 'zebra order', options);
      await assertContext(store, '!!!', {});
      await assertContext(store, 'okapi', { fusion: { rule: 'reciprocal-rank' }, limit: 9 });
    },
    { capability: 'vectors' },
    { capability: 'fts' },
  ],
  [
    'context-of-full-text-hits',
    'a full-text search with context finds the same hits, each with the relatives of its chunk',
    async (t) => {
      const store = await filled(t, { embedder: undefined });
      for (const options of [{}, { limit: 1 }, { limit: 30 }])
        await assertContext(store, 'zebra order', options);
      await assertContext(store, Array.from({ length: 300 }, (_, i) => `zebra${i} okapi`).join(' '), {});
    },
    { capability: 'fts' },
  ],
  [
    'context-of-any-text',
    'hits and relatives may contain NUL and any script',
    async (t) => {
      const store = await filled(t);
      const texts = ['zebra one', 'x\0y', 'zebra two \0', '\ud83d\ude00 \u200d é', 'zebra three', '"]}\\'];
      await store.addPage('fastify', '5', {
        url: '/any',
        title: 'NUL \0',
        chunks: texts.map((content, i) => ({ content, metadata: under(i === 0 ? ['\0'] : ['\0', 'é']) })),
      });
      await assertContext(store, 'zebra one two three', { limit: 9 });
    },
    { capability: 'fts' },
  ],
  [
    'context-of-no-hits',
    'a search with context that finds nothing returns nothing',
    async (t) => {
      const store = await filled(t);
      assert.deepEqual(await store.search('fastify', '9', 'zebra', { context }), []);
      assert.deepEqual(await store.search('fastify', '5', ' ', { context }), []);
      assert.deepEqual(await store.search('fastify', '5', 'zebra', { context, limit: 0 }), []);
    },
    { capability: 'fts' },
  ],
  [
    'bad-context',
    'a context that is not an object of a boolean and limits is a TypeError',
    async (t) => {
      const store = await filled(t);
      for (const bad of [true, [], { parent: 1 }, { children: -1 }, { precedingSiblings: 1.5 }]) {
        const options = { context: bad } as unknown as SearchOptions;
        await rejectsAsMistake(() => store.search('fastify', '5', 'zebra', options), JSON.stringify(bad));
      }
    },
  ],
]);
