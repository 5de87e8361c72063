import { Document } from '@langchain/core/documents';
import { Embeddings } from '@langchain/core/embeddings';
import { OfflineEmbedder } from '@switchyard/embedders';
import { afterAll, expect, test } from 'vitest';
import { SwitchyardVectorStore } from '../src/index.js';
import { openFile } from './support/stores.js';

const model = new OfflineEmbedder();
afterAll(() => model.close());

/** The offline model as LangChain embeddings. */
class OfflineEmbeddings extends Embeddings {
  constructor() {
    super({});
  }

  async embedDocuments(documents: string[]): Promise<number[][]> {
    return (await model.embed(documents)).map((vector) => [...vector]);
  }

  async embedQuery(document: string): Promise<number[]> {
    return (await this.embedDocuments([document]))[0] ?? [];
  }
}

const facts = [
  'The cat sleeps on the warm windowsill.',
  'Kittens like to chase a ball of wool.',
  'The stock market fell sharply on Monday.',
  'Investors sold shares because interest rates rose.',
  'Boil the pasta in salted water for nine minutes.',
];

test('a real model in a real file answers by meaning, and a text finds itself', async () => {
  const embeddings = new OfflineEmbeddings();
  const store = await openFile(embeddings);
  const documents = facts.map(
    (pageContent, i) => new Document({ pageContent, metadata: { source: `/${i}` } }),
  );
  const vectorStore = await SwitchyardVectorStore.fromDocuments(documents, embeddings, {
    store,
    library: 'facts',
  });
  const ask = async (question: string) =>
    (await vectorStore.asRetriever(2).invoke(question)).map(({ metadata }) => metadata.source).sort();
  expect(await ask('pets playing at home')).toEqual(['/0', '/1']);
  expect(await ask('prices of equities are dropping')).toEqual(['/2', '/3']);
  for (const [i, fact] of facts.entries()) {
    const [[document, score] = []] = await vectorStore.similaritySearchWithScore(fact, 1);
    expect(document?.metadata.source).toBe(`/${i}`);
    expect(score).toBeCloseTo(1, 3);
  }
  const mmr = await vectorStore.maxMarginalRelevanceSearch('cats', { k: 2, lambda: 0.1 });
  expect(mmr.map(({ metadata }) => metadata.source)).not.toEqual(['/0', '/1']);
});
