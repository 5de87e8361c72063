import { Document } from '@langchain/core/documents';
import { type SqldServer, startSqld } from '@switchyard/sqld';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWithSqld } from '../../../tests/support/sqld.js';
import { LetterEmbeddings } from './support/embeddings.js';
import { openFile, pagesOf, setUp, temporaryPath } from './support/stores.js';

/** The whole life of a few documents, wherever the store is. */
function definesTests(connectionString: () => string): void {
  test('adds, finds, replaces and deletes documents', async () => {
    const store = await openFile(new LetterEmbeddings(), connectionString());
    const { vectorStore } = await setUp({ store });
    const doc = (pageContent: string, source: string) =>
      new Document({ pageContent, metadata: { source, nested: { emoji: '😀' } } });
    await vectorStore.addDocuments([doc('zebra', '/a'), doc('okapi', '/a'), doc('gnu', '/b')], {
      ids: ['1', '2', '3'],
    });
    await vectorStore.addDocuments([doc('zebras', '/a'), doc('lion', '/a')], { ids: ['1', '4'] });
    expect(await pagesOf(store)).toEqual({ '/a': ['zebras', 'okapi', 'lion'], '/b': ['gnu'] });
    const [found] = await vectorStore.similaritySearch('zebra', 1);
    expect(found).toEqual(new Document({ ...doc('zebras', '/a'), pageContent: 'zebras', id: '1' }));
    expect(await vectorStore.similaritySearch('zebra', 1, { source: '/b' })).toMatchObject([{ id: '3' }]);
    expect(await vectorStore.maxMarginalRelevanceSearch('zebra', { k: 4 })).toHaveLength(4);
    await vectorStore.delete({ ids: ['1', '3'] });
    expect(await pagesOf(store)).toEqual({ '/a': ['okapi', 'lion'] });
    const hybrid = (await setUp({ store, search: 'hybrid' })).vectorStore;
    expect(await hybrid.asRetriever(1).invoke('lion')).toMatchObject([{ pageContent: 'lion', id: '4' }]);
  });
}

describe('a store in memory', () => definesTests(() => ':memory:'));
describe('a legacy store', () => definesTests(() => `sqlite-vec:${temporaryPath()}`)); // @legacy
describe('a file in a process of its own', () => definesTests(() => `${temporaryPath()}?isolation=process`));
describeWithSqld('a server', () => {
  let server: SqldServer;
  beforeAll(async () => {
    server = await startSqld();
  });
  afterAll(() => server.stop());
  definesTests(() => server.url);
});
