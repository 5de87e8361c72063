import { Embeddings } from '@langchain/core/embeddings';
import { MemoryBackend } from '@switchyard/storage-conformance/memory';
import { DocumentStore, embedQuery, embedTexts } from '@switchyard/storage-core';
import { describe, expect, test } from 'vitest';
import { fromLangChain } from '../src/langchain/index.js';

/** Embeds a text as its length and, in the second component, its side; keeps the calls. */
class CountingEmbeddings extends Embeddings {
  readonly calls: (string | string[])[] = [];

  constructor(private readonly maxTexts = Number.POSITIVE_INFINITY) {
    super({});
  }

  async embedDocuments(documents: string[]): Promise<number[][]> {
    this.calls.push(documents);
    if (documents.length > this.maxTexts) {
      throw Object.assign(new Error('too many inputs'), { status: 400 });
    }
    return documents.map((text) => [text.length, 0, 0.1]);
  }

  async embedQuery(document: string): Promise<number[]> {
    this.calls.push(document);
    return [document.length, 1, 0.1];
  }
}

const page = {
  url: '/a',
  chunks: ['one', 'three'].map((content) => ({ content, metadata: { types: ['text'], level: 0, path: [] } })),
};

describe('fromLangChain', () => {
  test('embeds documents and queries with a class of @langchain/core', async () => {
    const embeddings = new CountingEmbeddings();
    const embedder = fromLangChain(embeddings, { model: 'test:counting' });
    expect(await embedder.embed(['ab', 'c'])).toEqual([
      Float32Array.of(2, 0, 0.1),
      Float32Array.of(1, 0, 0.1),
    ]);
    expect(await embedQuery(embedder, 'abc')).toEqual(Float32Array.of(3, 1, 0.1));
  });

  test('works in a store: pages are documents, searches and the test text are queries', async () => {
    const embeddings = new CountingEmbeddings();
    const backend = new MemoryBackend();
    const store = await DocumentStore.open({
      backend,
      embedder: fromLangChain(embeddings, { model: 'test:counting' }),
    });
    expect(store.profile).toMatchObject({ model: 'test:counting', dimension: 3 });
    expect(embeddings.calls).toEqual(['dimension']);
    await store.addPage('lib', '1', page);
    expect(await store.search('lib', '1', 'three')).toHaveLength(2);
    expect(embeddings.calls.map((call) => typeof call)).toEqual(['string', 'object', 'string']);
  });

  test('passes limits, dimension and truncatable on', async () => {
    const embeddings = new CountingEmbeddings();
    const limits = { maxTexts: 1 };
    const embedder = fromLangChain(embeddings, { model: 'm', dimension: 3, limits, truncatable: true });
    expect(embedder).toMatchObject({ model: 'm', dimension: 3, limits, truncatable: true, available: true });
    const inputs = ['a', 'bb'].map((text) => ({ text, url: '/a' }));
    const vectors = await embedTexts(embedder, inputs, 2);
    expect(vectors.map(({ length }) => length)).toEqual([2, 2]);
    expect(embeddings.calls).toEqual([['a'], ['bb']]);
  });

  test('halves batches that a provider refuses as too large', async () => {
    const embeddings = new CountingEmbeddings(1);
    const inputs = ['a', 'bb', 'ccc'].map((text) => ({ text, url: '/a' }));
    expect(await embedTexts(fromLangChain(embeddings, { model: 'm' }), inputs, 3)).toHaveLength(3);
  });

  test.each([
    [null, 'embedDocuments'],
    [{}, 'embedDocuments'],
    [{ embedDocuments: async () => [] }, 'embedQuery'],
  ])('rejects %j', (wrong, field) => {
    const call = () => fromLangChain(wrong as unknown as Embeddings, { model: 'm' });
    expect(call).toThrow(TypeError);
    expect(call).toThrow(`embeddings.${field}`);
  });

  test.each(['', undefined, 7])('rejects the model %j', (model) => {
    const call = () => fromLangChain(new CountingEmbeddings(), { model: model as string });
    expect(call).toThrow('model must be');
  });

  test('rejects missing options, and shows them', () => {
    const call = () => fromLangChain(new CountingEmbeddings(), undefined as never);
    expect(call).toThrow(TypeError);
    expect(call).toThrow("fromLangChain(embeddings, { model: 'provider:model' })");
  });

  test.each([[undefined], [[['1', '2']]], [[[null]]], ['vectors'], [[]]])(
    'an answer of %j is STORAGE_EMBEDDING_FAILED',
    async (answer) => {
      const embeddings = { embedDocuments: async () => answer, embedQuery: async () => answer };
      const embedder = fromLangChain(embeddings as unknown as Embeddings, { model: 'm' });
      const failed = { code: 'STORAGE_EMBEDDING_FAILED' };
      await expect(embedTexts(embedder, [{ text: 'a', url: '/a' }], 2)).rejects.toMatchObject(failed);
      if (answer?.length !== 0) await expect(embedQuery(embedder, 'a')).rejects.toMatchObject(failed);
    },
  );
});
