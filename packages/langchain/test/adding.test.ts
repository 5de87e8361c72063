import { Document } from '@langchain/core/documents';
import { describe, expect, test } from 'vitest';
import { SwitchyardVectorStore } from '../src/index.js';
import { countLetters, LetterEmbeddings } from './support/embeddings.js';
import { openFile, pagesOf, setUp, temporaryPath } from './support/stores.js';

const doc = (pageContent: string, source?: string, rest: object = {}) =>
  new Document({ pageContent, metadata: { ...(source === undefined ? {} : { source }), ...rest } });
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe('addDocuments', () => {
  test('makes one page of the documents of a source, in order, and a page of its own of each without', async () => {
    const { store, vectorStore, embeddings } = await setUp();
    const ids = await vectorStore.addDocuments([
      doc('one', '/a', { title: 'A' }),
      doc('alone'),
      doc('two', '/b'),
      doc('three', '/a'),
    ]);
    for (const id of ids) expect(id).toMatch(uuid);
    expect(await pagesOf(store)).toEqual({
      '/a': ['one', 'three'],
      [`langchain:${ids[1]}`]: ['alone'],
      '/b': ['two'],
    });
    expect((await store.chunksByUrl('notes', '', '/a'))[0]?.title).toBe('A');
    expect(embeddings.documents).toEqual([['one', 'alone', 'two', 'three']]);
  });

  test('gives metadata back exactly', async () => {
    const { vectorStore } = await setUp();
    const metadata = {
      source: '/a',
      loc: { lines: { from: 1, to: 9 } },
      tags: ['x', ['y', null]],
      empty: {},
      nothing: null,
      '': 'empty key',
      'with "quotes" and . dots': 0.1,
      emoji: '😀',
      big: Number.MAX_SAFE_INTEGER,
      id: 'own',
      langchain: { id: 'nested' },
      types: 'not a list',
      path: '/etc/passwd',
      level: 'high',
    };
    const [id] = await vectorStore.addDocuments([{ pageContent: 'text 😀', metadata }]);
    const [found] = await vectorStore.similaritySearch('text', 1);
    expect(found).toBeInstanceOf(Document);
    expect(found).toEqual(new Document({ pageContent: 'text 😀', metadata, id: id as string }));
  });

  test('keeps what a source has, also from several calls at once and from another vector store', async () => {
    const { store, vectorStore } = await setUp();
    const other = (await setUp({ store, library: 'NOTES' })).vectorStore;
    await vectorStore.addDocuments([doc('one', '/a')]);
    await Promise.all([
      vectorStore.addDocuments([doc('two', '/a')]),
      other.addDocuments([doc('three', '/a')]),
      vectorStore.addDocuments([doc('four', '/a')]),
    ]);
    expect(await pagesOf(store)).toEqual({ '/a': ['one', 'two', 'three', 'four'] });
    expect(await vectorStore.similaritySearch('one', 9)).toHaveLength(4);
  });

  test('adds to a page that was indexed otherwise, and embeds only what is new', async () => {
    const { store, vectorStore, embeddings } = await setUp();
    const page = {
      url: '/a',
      title: 'A',
      etag: '"1"',
      contentType: 'text/markdown',
      chunks: [{ content: 'indexed', metadata: { types: ['text'], level: 1, path: ['A'] } }],
    };
    await store.addPage('notes', '', page);
    embeddings.documents.length = 0;
    await vectorStore.addDocuments([doc('added', '/a', { title: 'Other' })]);
    expect(embeddings.documents).toEqual([['added']]);
    expect(await pagesOf(store)).toEqual({ '/a': ['indexed', 'added'] });
    const [record] = await store.pages((await store.version('notes', ''))?.id ?? 0);
    expect(record).toMatchObject({ title: 'A', etag: '"1"', contentType: 'text/markdown' });
    const found = await vectorStore.similaritySearch('indexed', 1, ({ id }) => id?.includes(':') === true);
    expect(found).toMatchObject([
      {
        pageContent: 'indexed',
        metadata: { source: '/a', title: 'A', types: ['text'], level: 1, path: ['A'] },
      },
    ]);
  });

  test('uses given ids, of the options before those of the documents', async () => {
    const { vectorStore } = await setUp();
    const own = new Document({ pageContent: 'b', id: 'own' });
    expect(await vectorStore.addDocuments([doc('a'), own], { ids: ['1', '2'] })).toEqual(['1', '2']);
    expect(await vectorStore.addDocuments([own])).toEqual(['own']);
    expect((await vectorStore.similaritySearch('a', 1))[0]?.id).toBe('1');
  });

  test('replaces a document with the same id in its place', async () => {
    const { store, vectorStore } = await setUp();
    const all = [doc('one', '/a'), doc('two', '/a'), doc('three', '/a')];
    await vectorStore.addDocuments(all, { ids: ['1', '2', '3'] });
    await vectorStore.addDocuments([doc('new', '/a'), doc('four', '/a')], { ids: ['2', '4'] });
    expect(await pagesOf(store)).toEqual({ '/a': ['one', 'new', 'three', 'four'] });
    await vectorStore.addDocuments([doc('alone')], { ids: ['5'] });
    await vectorStore.addDocuments([doc('still alone')], { ids: ['5'] });
    expect(await pagesOf(store)).toMatchObject({ 'langchain:5': ['still alone'] });
  });

  test('moves a document with the same id and another source, also after reopening', async () => {
    const path = temporaryPath();
    const embeddings = new LetterEmbeddings();
    const first = await openFile(embeddings, path);
    await (await setUp({ store: first })).vectorStore.addDocuments([doc('one', '/a'), doc('two', '/b')], {
      ids: ['1', '2'],
    });
    await first.close();
    const { store, vectorStore } = await setUp({ store: await openFile(embeddings, path) });
    await vectorStore.addDocuments([doc('moved', '/b')], { ids: ['1'] });
    expect(await pagesOf(store)).toEqual({ '/b': ['two', 'moved'] });
    await vectorStore.addDocuments([doc('moved again', '/c')], { ids: ['1'] });
    expect(await pagesOf(store)).toEqual({ '/b': ['two'], '/c': ['moved again'] });
  });

  test('continues a source with very many documents on further pages', async () => {
    const path = temporaryPath();
    const embeddings = new LetterEmbeddings();
    const first = await openFile(embeddings, path);
    const rows = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => doc(`row ${from + i}`, '/a', { row: from + i }));
    const idsOf = (from: number, to: number) =>
      rows(from, to).map(({ pageContent }) => pageContent.replace(' ', '-'));
    const one = (await setUp({ store: first })).vectorStore;
    await one.addDocuments(rows(0, 450), { ids: idsOf(0, 450) });
    await one.addDocuments([...rows(450, 1100), doc('b', '/b')], { ids: [...idsOf(450, 1100), 'b'] });
    await first.close();
    const { store, vectorStore } = await setUp({ store: await openFile(embeddings, path) });
    await vectorStore.addDocuments(rows(1100, 1101));
    const counts = async () =>
      Object.entries(await pagesOf(store)).map(([url, texts]) => [url, texts.length]);
    expect(await counts()).toEqual([
      ['/a', 500],
      ['/a#part=2', 500],
      ['/a#part=3', 101],
      ['/b', 1],
    ]);
    expect((await pagesOf(store))['/a#part=2']?.slice(0, 2)).toEqual(['row 500', 'row 501']);
    expect(await vectorStore.similaritySearch('row', 2000, { source: '/a' })).toHaveLength(1101);

    const changed = new Document({ pageContent: 'changed', metadata: { source: '/a' } });
    await vectorStore.addDocuments([changed], { ids: ['row-501'] });
    expect((await pagesOf(store))['/a#part=2']?.slice(0, 3)).toEqual(['row 500', 'changed', 'row 502']);
    await vectorStore.delete({ ids: idsOf(500, 1000) });
    expect(await counts()).toEqual([
      ['/a', 500],
      ['/a#part=3', 101],
      ['/b', 1],
    ]);
    await vectorStore.addDocuments(rows(1101, 1103));
    expect(await counts()).toContainEqual(['/a#part=3', 103]);
  });

  test('embeds in batches, and smaller ones if the provider says that one is too large', async () => {
    const embeddings = new LetterEmbeddings(40);
    const { store } = await setUp();
    const vectorStore = new SwitchyardVectorStore(embeddings, { store, library: 'notes' });
    const many = Array.from({ length: 150 }, (_, i) => doc(`text ${i}`, `/page-${i % 30}`));
    expect(new Set(await vectorStore.addDocuments(many)).size).toBe(150);
    expect(Math.max(...embeddings.documents.map((batch) => batch.length))).toBe(64);
    expect(embeddings.documents.filter((batch) => batch.length <= 40).flat()).toHaveLength(150);
    expect(Object.keys(await pagesOf(store))).toHaveLength(30);
    expect(await vectorStore.similaritySearch('text', 200)).toHaveLength(150);
  });

  test('adds nothing if embedding fails', async () => {
    const { store, vectorStore, embeddings } = await setUp();
    embeddings.embedDocuments = () => Promise.reject(new Error('no credit left'));
    await expect(vectorStore.addDocuments([doc('one', '/a')])).rejects.toMatchObject({
      code: 'STORAGE_EMBEDDING_FAILED',
      message: expect.stringContaining('no credit left'),
    });
    expect(await store.libraries()).toEqual([]);
    expect(await vectorStore.addDocuments([])).toEqual([]);
  });

  test('reports that another process changed the page at the same time', async () => {
    const { store, vectorStore } = await setUp();
    await vectorStore.addDocuments([doc('one', '/a')]);
    const { backend } = store;
    const apply = backend.apply.bind(backend);
    const page = { url: '/a', chunks: [] };
    // The write of the other process falls between reading the page and writing it.
    Object.assign(backend, {
      apply: async (mutations: Parameters<typeof apply>[0]) => {
        await apply([{ kind: 'replacePage', version: { library: 'notes', version: '' }, page, chunks: [] }]);
        return apply(mutations);
      },
    });
    await expect(vectorStore.addDocuments([doc('two', '/a')])).rejects.toMatchObject({
      code: 'STORAGE_CONSTRAINT',
      outcome: 'unknown',
      message: expect.stringContaining('/a'),
    });
  });

  test.each<[unknown, object | undefined, string]>([
    [null, undefined, 'documents must be an array'],
    [[null], undefined, 'documents[0] must be a Document'],
    [[{ metadata: {} }], undefined, 'documents[0].pageContent'],
    [[{ pageContent: 'a', metadata: [] }], undefined, 'documents[0].metadata'],
    [[{ pageContent: 'a', metadata: { at: new Date(0) } }], undefined, 'documents[0].metadata.at'],
    [[{ pageContent: 'a', metadata: { n: Number.NaN } }], undefined, 'documents[0].metadata.n'],
    [[{ pageContent: 'a', metadata: { n: new Map() } }], undefined, 'documents[0].metadata.n'],
    [[doc('a')], { ids: [] }, 'ids must be an array of 1'],
    [[doc('a')], { ids: [7] }, 'ids[0]'],
    [[doc('a')], { ids: ['switchyard:7'] }, 'ids[0] is the id of a chunk'],
    [[doc('a'), doc('b')], { ids: ['x', 'x'] }, 'documents[1] has the id of documents[0]'],
  ])('rejects %j with %j before anything is embedded', async (documents, options, message) => {
    const { vectorStore, embeddings } = await setUp();
    const adding = vectorStore.addDocuments(documents as Document[], options);
    await expect(adding).rejects.toThrow(TypeError);
    await expect(adding).rejects.toThrow(message);
    expect(embeddings.documents).toEqual([]);
  });
});

describe('addVectors', () => {
  test('stores given vectors and embeds nothing', async () => {
    const { vectorStore, embeddings } = await setUp();
    const vectors = [countLetters('zebra'), countLetters('okapi')];
    const ids = await vectorStore.addVectors(vectors, [doc('first', '/a'), doc('second', '/a')]);
    expect(ids).toHaveLength(2);
    expect(embeddings.documents).toEqual([]);
    const [[found, score] = []] = await vectorStore.similaritySearchVectorWithScore(vectors[1] ?? [], 1);
    expect(found).toMatchObject({ pageContent: 'second', id: ids[1] });
    expect(score).toBeCloseTo(1, 5);
  });

  test('pads short vectors, and rejects long, wrong and missing ones', async () => {
    const { vectorStore } = await setUp();
    await vectorStore.addVectors([[1, 2]], [doc('short')], { ids: ['short'] });
    expect((await vectorStore.similaritySearch('b', 1))[0]?.id).toBe('short');
    const add = (vectors: unknown) => vectorStore.addVectors(vectors as number[][], [doc('a')]);
    await expect(add([new Array(27).fill(1)])).rejects.toMatchObject({ code: 'STORAGE_DIMENSION_MISMATCH' });
    await expect(add([[Number.NaN]])).rejects.toMatchObject({ code: 'STORAGE_INVALID_VECTOR' });
    for (const wrong of [[], undefined, ['vector'], [['1']]])
      await expect(add(wrong)).rejects.toThrow(TypeError);
  });
});

describe('fromTexts and fromDocuments', () => {
  test('create a vector store with documents', async () => {
    const { store, embeddings } = await setUp();
    const config = { store, library: 'texts', version: '1.0' };
    const metadatas = [{ source: '/a' }, { source: '/b' }];
    const texts = await SwitchyardVectorStore.fromTexts(['one', 'two'], metadatas, embeddings, config);
    expect(texts).toBeInstanceOf(SwitchyardVectorStore);
    await SwitchyardVectorStore.fromTexts(['three'], { source: '/a' }, embeddings, config);
    await SwitchyardVectorStore.fromDocuments([doc('four', '/b')], embeddings, config);
    expect(await pagesOf(store, 'texts', '1.0')).toEqual({ '/a': ['one', 'three'], '/b': ['two', 'four'] });
    const again = await SwitchyardVectorStore.fromExistingIndex(embeddings, config);
    expect(await again.similaritySearch('one', 9)).toHaveLength(4);
  });
});
