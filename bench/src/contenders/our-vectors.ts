import type { VectorSet } from '../harness/ground-truth.js';
import {
  connectionString,
  createStore,
  fillStore,
  LIBRARY,
  openStore,
  type StoreName,
  storeNames,
} from './stores.js';
import type { BuildTools, VectorContender, VectorIndexUnderTest } from './vector-contender.js';

const VERSION = '1.0.0';
const CHUNKS_A_PAGE = 50;

/** Our backends, through `backend.vectors.nearest`. Each chunk has a few words of text, as little as can be. */
export const ourVectors: readonly VectorContender[] = storeNames.map((name) => ({
  name,
  parameters: 'exact',
  sensibleUpTo: name === 'legacy' ? 50_000 : undefined,
  build: (set, tools) => build(name, set, tools),
}));

async function build(name: StoreName, set: VectorSet, tools: BuildTools): Promise<VectorIndexUnderTest> {
  return openVectorStore(await fillVectorStore(name, set, tools));
}

/** Writes a store of vectors. @returns Its connection string. */
export async function fillVectorStore(name: StoreName, set: VectorSet, tools: BuildTools): Promise<string> {
  const connection = connectionString(name, tools.workspace.path(`${name}.db`));
  const store = await createStore(connection, set.dim, name === 'legacy' ? 'l2' : 'cosine');
  const pages = Array.from({ length: Math.ceil(set.count / CHUNKS_A_PAGE) }, (_, page) => ({
    url: `page-${page}`,
    title: `Page ${page}`,
    chunks: Array.from({ length: Math.min(CHUNKS_A_PAGE, set.count - page * CHUNKS_A_PAGE) }, (_, chunk) => ({
      content: `chunk ${page * CHUNKS_A_PAGE + chunk}`,
      metadata: { types: ['text'], level: 1, path: [] },
    })),
  }));
  const contents = { pages, vectors: set, version: VERSION, firstId: 1 };
  await fillStore(store, contents, `pages of ${name}`, tools.progress);
  await store.close();
  return connection;
}

/** Opens what {@link fillVectorStore} wrote. */
export async function openVectorStore(connection: string): Promise<VectorIndexUnderTest> {
  const store = await openStore(connection);
  const version = { library: LIBRARY, version: VERSION };
  return {
    search: async (vector, limit) => {
      const hits = await store.backend.vectors.nearest({ version, vector, limit });
      return hits.map((hit) => hit.chunkId - 1);
    },
    close: () => store.close(),
  };
}
