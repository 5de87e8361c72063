import { Document } from '@langchain/core/documents';
import type { DocumentStore } from '@switchyard/storage-core';
import { openStore } from '@switchyard/switchyard';
import { describe, expect, test } from 'vitest';
import {
  type DocumentFilter,
  SwitchyardVectorStore,
  type SwitchyardVectorStoreConfig,
} from '../src/index.js';
import { countLetters, LetterEmbeddings } from './support/embeddings.js';
import { setUp } from './support/stores.js';

const animals = ['zebra', 'zebras', 'zebu', 'okapi', 'okapis', 'gnu', 'gnus', 'lion', 'tiger', 'puma'];
const documents = animals.map(
  (pageContent, index) =>
    new Document({
      pageContent,
      metadata: { source: `/page-${index % 3}`, index, tags: { even: index % 2 === 0 } },
    }),
);

async function filled(config: Partial<SwitchyardVectorStoreConfig> = {}) {
  const found = await setUp(config);
  const ids = await found.vectorStore.addDocuments(documents);
  return { ...found, ids };
}

const texts = (found: readonly Document[]) => found.map(({ pageContent }) => pageContent);

describe('similarity search', () => {
  test('returns the nearest documents, 4 by default, with their ids', async () => {
    const { vectorStore, embeddings, ids } = await filled();
    const found = await vectorStore.similaritySearch('zebra');
    expect(found).toHaveLength(4);
    expect(texts(found).slice(0, 2)).toEqual(['zebra', 'zebras']);
    expect(found[0]).toEqual(new Document({ ...documents[0], pageContent: 'zebra', id: ids[0] as string }));
    expect(embeddings.queries).toEqual(['zebra']);
    expect(await vectorStore.similaritySearch('zebra', 0)).toEqual([]);
    expect(await vectorStore.similaritySearch('zebra', 99)).toHaveLength(animals.length);
  });

  test('scores are 1 / (1 + distance), best first', async () => {
    const { vectorStore } = await filled();
    const query = countLetters('zebu');
    const found = await vectorStore.similaritySearchVectorWithScore(query, 99);
    for (const [document, score] of found) {
      const other = countLetters(document.pageContent);
      const distance = Math.hypot(...query.map((value, i) => value - (other[i] ?? 0)));
      expect(score).toBeCloseTo(1 / (1 + distance), 5);
    }
    const scores = found.map(([, score]) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(await vectorStore.similaritySearchWithScore('zebu', 99)).toEqual(found);
  });

  test('finds nothing in a version without documents', async () => {
    const { vectorStore } = await setUp();
    expect(await vectorStore.similaritySearch('zebra')).toEqual([]);
    expect(await vectorStore.maxMarginalRelevanceSearch('zebra', { k: 3 })).toEqual([]);
  });

  test('sees only its own version', async () => {
    const { store, vectorStore } = await filled();
    const other = (await setUp({ store, version: '2' })).vectorStore;
    expect(await other.similaritySearch('zebra')).toEqual([]);
    await other.addDocuments([new Document({ pageContent: 'zebra two' })]);
    expect(await vectorStore.similaritySearch('zebra', 99)).toHaveLength(animals.length);
  });

  test('never returns chunks that only give structure', async () => {
    const { store, vectorStore } = await filled();
    const structural = { content: 'zebra', metadata: { types: ['structural'], level: 1, path: [] } };
    await store.addPage('notes', '', { url: '/headings', chunks: new Array(9).fill(structural) });
    expect(await vectorStore.similaritySearch('zebra', 99)).toHaveLength(animals.length);
    expect(texts(await vectorStore.similaritySearch('zebra', 2))).toEqual(['zebra', 'zebras']);
  });

  test.each([[-1], [1.5], ['2']])('rejects k = %j', async (k) => {
    const { vectorStore } = await setUp();
    await expect(vectorStore.similaritySearch('zebra', k as number)).rejects.toThrow(TypeError);
    await expect(vectorStore.similaritySearchVectorWithScore([1], k as number)).rejects.toThrow(TypeError);
  });
});

describe('a filter', () => {
  test.each<[string, DocumentFilter, string[]]>([
    ['a predicate', ({ pageContent }) => pageContent.startsWith('g'), ['gnu', 'gnus']],
    ['metadata', { index: 9 }, ['puma']],
    ['a source', { source: '/page-2' }, ['zebu', 'gnu', 'tiger']],
    ['nested metadata', { tags: { even: false }, source: '/page-0' }, ['okapi', 'puma']],
    ['nothing that is stored', { index: 99 }, []],
    ['an empty object', {}, animals],
  ])('of %s acts before the number of results', async (_, filter, expected) => {
    for (const search of ['similarity', 'hybrid'] as const) {
      const { vectorStore } = await filled({ search });
      for (const k of [1, 2, 99]) {
        const found = texts(await vectorStore.similaritySearch('zebra', k, filter));
        expect(found).toHaveLength(Math.min(k, expected.length));
        expect(expected).toEqual(expect.arrayContaining(found));
      }
      const pairs = await vectorStore.similaritySearchVectorWithScore(countLetters('zebra'), 99, filter);
      expect(pairs.map(([{ pageContent }]) => pageContent).sort()).toEqual([...expected].sort());
    }
  });

  test('of a source that begins like another takes only its own', async () => {
    const { vectorStore } = await setUp();
    const at = (source: string) => new Document({ pageContent: source, metadata: { source } });
    await vectorStore.addDocuments([at('/a'), at('/a/b'), at('/ab')]);
    expect(texts(await vectorStore.similaritySearch('a', 9, { source: '/a' }))).toEqual(['/a']);
  });

  test.each([['text'], [7], [[]], [null]])('%j is rejected', async (filter) => {
    const { vectorStore } = await setUp();
    const searching = vectorStore.similaritySearch('zebra', 1, filter as unknown as DocumentFilter);
    await expect(searching).rejects.toThrow('filter must be');
  });
});

describe('maximal marginal relevance', () => {
  test('prefers unlike documents, embeds only the query, and follows lambda, fetchK and the filter', async () => {
    const { vectorStore, embeddings } = await filled();
    embeddings.documents.length = 0;
    const search = async (options: object) =>
      texts(await vectorStore.maxMarginalRelevanceSearch('zebra', { k: 2, ...options }));
    expect(await search({ lambda: 1 })).toEqual(['zebra', 'zebras']);
    const diverse = await search({ lambda: 0.1 });
    expect(diverse[0]).toBe('zebra');
    expect(diverse[1]).not.toBe('zebras');
    expect(await search({ lambda: 0.1, fetchK: 2 })).toEqual(['zebra', 'zebras']);
    expect(await search({ k: 9, fetchK: 1 })).toHaveLength(9);
    expect((await search({ k: 9, filter: { source: '/page-2' } })).sort()).toEqual(['gnu', 'tiger', 'zebu']);
    expect(embeddings.documents).toEqual([]);
  });
});

describe('hybrid search', () => {
  test('finds by full text what the vectors do not tell apart', async () => {
    const config = { search: 'hybrid' } as const;
    const { vectorStore, store } = await filled(config);
    // An anagram has the same vector, and a smaller id wins a tie.
    await vectorStore.addDocuments(['listen', 'silent'].map((pageContent) => new Document({ pageContent })));
    const plain = new SwitchyardVectorStore(new LetterEmbeddings(), { store, library: 'notes' });
    expect(texts(await plain.similaritySearch('silent', 1))).toEqual(['listen']);
    expect(texts(await vectorStore.similaritySearch('silent', 1))).toEqual(['silent']);
    const [[document, score] = []] = await vectorStore.similaritySearchWithScore('silent', 1);
    const [hit] = await store.search('notes', '', 'silent', { limit: 1 });
    expect([document?.pageContent, score]).toEqual([hit?.content, hit?.score]);
  });
});

describe('a retriever', () => {
  test.each(['similarity', 'hybrid'] as const)('returns documents for a question: %s', async (search) => {
    const { vectorStore } = await filled({ search });
    expect(texts(await vectorStore.asRetriever().invoke('zebra'))).toHaveLength(4);
    expect(texts(await vectorStore.asRetriever(1).invoke('okapi'))).toEqual(['okapi']);
    const filtered = vectorStore.asRetriever({ k: 2, filter: { source: '/page-2' } });
    expect((await filtered.invoke('zebra')).map(({ metadata }) => metadata.source)).toEqual([
      '/page-2',
      '/page-2',
    ]);
    const mmr = vectorStore.asRetriever({
      k: 3,
      searchType: 'mmr',
      searchKwargs: { fetchK: 9, lambda: 0.5 },
    });
    expect(await mmr.invoke('zebra')).toHaveLength(3);
    expect(await vectorStore.asRetriever(1).batch(['zebra', 'lion'])).toMatchObject([
      [{ pageContent: 'zebra' }],
      [{ pageContent: 'lion' }],
    ]);
  });

  test('adds documents, and names the vector store', async () => {
    const { vectorStore } = await setUp();
    const retriever = vectorStore.asRetriever(1);
    expect(retriever._vectorstoreType()).toBe('switchyard');
    expect(vectorStore.lc_namespace).toEqual(['langchain', 'vectorstores', 'switchyard']);
    expect(await retriever.addDocuments([new Document({ pageContent: 'zebra' })])).toHaveLength(1);
    expect(texts(await retriever.invoke('zebra'))).toEqual(['zebra']);
  });
});

describe('the configuration', () => {
  const embeddings = new LetterEmbeddings();

  test.each<[unknown, string]>([
    [undefined, 'takes an object'],
    [{}, 'store must be'],
    [{ store: {} }, 'store must be'],
  ])('%j is a TypeError', (config, message) => {
    const create = () => new SwitchyardVectorStore(embeddings, config as SwitchyardVectorStoreConfig);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(message);
  });

  test('names wrong members, and a store without an embedder', async () => {
    const { store } = await setUp();
    const create = (config: object, given: unknown = embeddings) => {
      return new SwitchyardVectorStore(given as LetterEmbeddings, { store, library: 'a', ...config });
    };
    expect(() => create({ search: 'words' })).toThrow('search must be');
    expect(() => create({ library: '' })).toThrow(TypeError);
    expect(() => create({ version: 7 })).toThrow(TypeError);
    expect(() => create({}, {})).toThrow('embeddings.embedDocuments');
    const plain: DocumentStore = await openStore(':memory:');
    expect(() => create({ store: plain })).toThrow('The store has no embedding profile');
    await plain.close();
  });

  test('does not show up in traces', async () => {
    const { vectorStore } = await setUp();
    expect(vectorStore.lc_kwargs).toEqual({});
    expect(JSON.stringify(vectorStore)).not.toContain('docs.db');
  });
});
