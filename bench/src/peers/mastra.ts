import type { BuildTools, VectorContender, VectorIndexUnderTest } from '../contenders/vector-contender.js';
import { type VectorSet, vectorAt } from '../harness/ground-truth.js';
import { loadPeer } from './load.js';

interface Store {
  createIndex(options: { indexName: string; dimension: number; metric: 'cosine' }): Promise<void>;
  upsert(options: { indexName: string; vectors: number[][]; ids: string[] }): Promise<unknown>;
  query(options: {
    indexName: string;
    queryVector: number[];
    topK: number;
  }): Promise<readonly { readonly id: string }[]>;
}

interface Mastra {
  readonly LibSQLVector: new (options: { id?: string; connectionUrl: string; url?: string }) => Store;
}

const NAME = '@mastra/libsql';
const ROWS_A_CALL = 500;
const INDEX = 'bench';

/** Builds a DiskANN index with default settings, at about 100 rows per second, and searches by scanning all rows. */
export const mastra: VectorContender = {
  name: NAME,
  parameters: 'LibSQLVector, file, cosine, exact',
  peer: true,
  sensibleUpTo: 5_000,
  build,
};

async function build(set: VectorSet, { workspace }: BuildTools): Promise<VectorIndexUnderTest> {
  const { LibSQLVector } = await loadPeer<Mastra>(NAME);
  const url = `file:${workspace.path('mastra.db')}`;
  const store = new LibSQLVector({ id: INDEX, connectionUrl: url, url });
  await store.createIndex({ indexName: INDEX, dimension: set.dim, metric: 'cosine' });
  for (let start = 0; start < set.count; start += ROWS_A_CALL) {
    const rows = Array.from(
      { length: Math.min(ROWS_A_CALL, set.count - start) },
      (_, index) => start + index,
    );
    const vectors = rows.map((row) => Array.from(vectorAt(set, row)));
    await store.upsert({ indexName: INDEX, vectors, ids: rows.map(String) });
  }
  return {
    async search(query, k) {
      const hits = await store.query({ indexName: INDEX, queryVector: Array.from(query), topK: k });
      return hits.map(({ id }) => Number(id));
    },
    close: () => undefined,
  };
}
