import type { SearchMode } from '@switchyard/storage-core';
import type { VectorSet } from '../harness/ground-truth.js';
import {
  connectionString,
  createStore,
  fillStore,
  LIBRARY,
  METRICS,
  openStore,
  SENSIBLE_UP_TO,
  type StoreName,
  storeNames,
} from './stores.js';
import type { BuildTools, VectorContender, VectorIndexUnderTest } from './vector-contender.js';

const version = { library: LIBRARY, version: '1.0.0' };
const CHUNKS_A_PAGE = 50;

/** Our backends, through `backend.vectors.nearest`. Each chunk has a minimal text. */
export const ourVectors: readonly VectorContender[] = storeNames.map((name) => ({
  name,
  parameters: 'exact',
  sensibleUpTo: SENSIBLE_UP_TO[name],
  build: (set, tools) => build(name, set, tools),
}));

async function build(name: StoreName, set: VectorSet, tools: BuildTools): Promise<VectorIndexUnderTest> {
  return openVectorStore(await fillVectorStore(name, set, tools));
}

/** Writes a store of vectors. @returns Its connection string. */
export async function fillVectorStore(name: StoreName, set: VectorSet, tools: BuildTools): Promise<string> {
  const connection = connectionString(name, tools.workspace.path(`${name}.db`));
  const store = await createStore(connection, set.dim, METRICS[name] ?? 'cosine');
  const pages = Array.from({ length: Math.ceil(set.count / CHUNKS_A_PAGE) }, (_, page) => ({
    url: `page-${page}`,
    title: `Page ${page}`,
    chunks: Array.from({ length: Math.min(CHUNKS_A_PAGE, set.count - page * CHUNKS_A_PAGE) }, (_, chunk) => ({
      content: `chunk ${page * CHUNKS_A_PAGE + chunk}`,
      metadata: { types: ['text'], level: 1, path: [] },
    })),
  }));
  const contents = { pages, vectors: set, version: version.version, firstId: 1 };
  await fillStore(store, contents, `pages of ${name}`, tools.progress);
  await store.close();
  return connection;
}

/** Opens a store written by {@link fillVectorStore}. */
export async function openVectorStore(
  connection: string,
  mode: SearchMode = 'exact',
): Promise<VectorIndexUnderTest> {
  const store = await openStore(connection);
  return {
    search: async (vector, limit) => {
      const hits = await store.backend.vectors.nearest({ version, vector, limit, mode });
      return hits.map((hit) => hit.chunkId - 1);
    },
    close: () => store.close(),
  };
}

/**
 * Builds the index for the mode `diskann` in a store of vectors.
 *
 * @param maxSeconds Maximum processor time, by the estimate of the backend; builds nothing if it takes longer.
 * @returns True if it was built, and the estimate.
 */
export async function buildAnnIndex(
  connection: string,
  maxSeconds: number,
): Promise<{ readonly built: boolean; readonly seconds: number }> {
  const store = await openStore(connection);
  try {
    const indexes = store.backend.annIndexes;
    if (indexes === undefined) throw new TypeError(`${store.backend.name} builds no index of neighbors.`);
    const { seconds } = await indexes.estimate(version);
    if (seconds > maxSeconds) return { built: false, seconds };
    await indexes.build(version);
    return { built: true, seconds };
  } finally {
    await store.close();
  }
}
