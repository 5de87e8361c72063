import { Document } from '@langchain/core/documents';
import { index, type RecordManagerInterface, type UpdateOptions } from '@langchain/core/indexing';
import { describe, expect, test } from 'vitest';
import { LetterEmbeddings } from './support/embeddings.js';
import { openFile, pagesOf, setUp, temporaryPath } from './support/stores.js';

const doc = (pageContent: string, source?: string) =>
  new Document({ pageContent, metadata: source === undefined ? {} : { source } });

describe('delete', () => {
  test('removes documents by id, keeps the others with their vectors, and removes empty pages', async () => {
    const { store, vectorStore, embeddings } = await setUp();
    const all = [doc('one', '/a'), doc('two', '/a'), doc('three', '/b'), doc('four')];
    const ids = (await vectorStore.addDocuments(all)) as [string, string, string, string];
    embeddings.documents.length = 0;
    await vectorStore.delete({ ids: [ids[0], ids[2], ids[3], 'unknown'] });
    expect(await pagesOf(store)).toEqual({ '/a': ['two'] });
    expect(embeddings.documents).toEqual([]);
    expect(await vectorStore.similaritySearch('two', 9)).toMatchObject([{ pageContent: 'two', id: ids[1] }]);
    await vectorStore.delete({ ids: [] });
    await vectorStore.delete({ ids: [ids[0]] });
    expect(await pagesOf(store)).toEqual({ '/a': ['two'] });
  });

  test('finds documents of another process, added before and after it looked', async () => {
    const path = temporaryPath();
    const embeddings = new LetterEmbeddings();
    const [mine, theirs] = [await openFile(embeddings, path), await openFile(embeddings, path)];
    const here = (await setUp({ store: mine })).vectorStore;
    const there = (await setUp({ store: theirs })).vectorStore;
    await there.addDocuments([doc('one', '/a'), doc('two', '/b')], { ids: ['1', '2'] });
    await here.delete({ ids: ['1'] });
    await there.addDocuments([doc('three', '/a'), doc('moved', '/c')], { ids: ['3', '2'] });
    await here.delete({ ids: ['2', '3'] });
    expect(await pagesOf(mine)).toEqual({});
  });

  test('removes chunks that were not added through LangChain by the ids of a search', async () => {
    const { store, vectorStore } = await setUp();
    const chunks = ['one', 'two'].map((content) => ({
      content,
      metadata: { types: ['text'], level: 0, path: [] },
    }));
    await store.addPage('notes', '', { url: '/a', chunks });
    await store.addPage('notes', '2', { url: '/a', chunks });
    const [[found] = []] = await vectorStore.similaritySearchWithScore('one', 1);
    expect(found?.id).toMatch(/^switchyard:\d+$/);
    const [other] = await store.search('notes', '2', 'one');
    await vectorStore.delete({ ids: [found?.id as string, `switchyard:${other?.id}`, 'switchyard:x'] });
    expect(await pagesOf(store)).toEqual({ '/a': ['two'] });
    expect(await pagesOf(store, 'notes', '2')).toEqual({ '/a': ['one', 'two'] });
  });

  test('does not take the id of a document for that of a chunk', async () => {
    const { store, vectorStore } = await setUp();
    const metadata = { types: ['text'], level: 0, path: [] };
    const { chunkIds } = await store.addPage('notes', '', {
      url: '/a',
      chunks: [{ content: 'indexed', metadata }],
    });
    await vectorStore.addDocuments([doc('added', '/b')], { ids: [chunkIds[0] as string] });
    await vectorStore.delete({ ids: [chunkIds[0] as string] });
    expect(await pagesOf(store)).toEqual({ '/a': ['indexed'] });
  });

  test.each([[undefined], [{}], [{ ids: 'one' }], [{ ids: [1] }], [{ ids: [''] }]])(
    'rejects %j',
    async (params) => {
      const { vectorStore } = await setUp();
      await expect(vectorStore.delete(params as { ids: string[] })).rejects.toThrow(TypeError);
    },
  );
});

/** A record manager in memory, as the indexing API of LangChain asks for. */
class MemoryRecordManager implements RecordManagerInterface {
  readonly #records = new Map<string, { at: number; group: string | null | undefined }>();
  #clock = 0;

  createSchema = () => Promise.resolve();
  async getTime(): Promise<number> {
    return ++this.#clock;
  }
  async update(keys: string[], { groupIds }: UpdateOptions): Promise<void> {
    for (const [i, key] of keys.entries()) {
      const group = groupIds?.[i] ?? this.#records.get(key)?.group;
      this.#records.set(key, { at: ++this.#clock, group });
    }
  }
  async exists(keys: string[]): Promise<boolean[]> {
    return keys.map((key) => this.#records.has(key));
  }
  async listKeys(options: { before?: number; groupIds?: (string | null)[] } = {}): Promise<string[]> {
    const { before = Number.POSITIVE_INFINITY, groupIds } = options;
    return [...this.#records]
      .filter(([, { at, group }]) => at < before && (groupIds?.includes(group ?? null) ?? true))
      .map(([key]) => key);
  }
  async deleteKeys(keys: string[]): Promise<void> {
    for (const key of keys) this.#records.delete(key);
  }
}

test('the indexing API of LangChain adds, skips, updates and cleans up', async () => {
  const { store, vectorStore, embeddings } = await setUp();
  const recordManager = new MemoryRecordManager();
  const options = { cleanup: 'full', sourceIdKey: 'source', batchSize: 2 } as const;
  const run = (docsSource: Document[]) => index({ docsSource, recordManager, vectorStore, options });
  const first = [doc('one', '/a'), doc('two', '/a'), doc('three', '/a'), doc('four', '/b')];
  expect(await run(first)).toEqual({ numAdded: 4, numDeleted: 0, numUpdated: 0, numSkipped: 0 });
  expect(await pagesOf(store)).toEqual({ '/a': ['one', 'two', 'three'], '/b': ['four'] });
  embeddings.documents.length = 0;
  expect(await run([doc('one', '/a'), doc('new', '/a'), doc('three', '/a')])).toEqual({
    numAdded: 1,
    numDeleted: 2,
    numUpdated: 0,
    numSkipped: 2,
  });
  expect(embeddings.documents).toEqual([['new']]);
  expect(await pagesOf(store)).toEqual({ '/a': ['one', 'three', 'new'] });
});
