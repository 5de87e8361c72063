import { libsqlModule } from '@switchyard/backend-libsql/module';
import { sqliteVecModule } from '@switchyard/backend-sqlite-vec/module'; // @legacy
import { createContainer } from '@switchyard/storage-container';
import { DocumentStore, type Metric, type ReplacePage } from '@switchyard/storage-core';
import type { CorpusPage } from '../corpus/types.js';
import type { VectorSet } from '../harness/ground-truth.js';
import { vectorAt } from '../harness/ground-truth.js';
import type { Progress } from '../harness/progress.js';

/** Prefixes of the connection strings of our backends, by their names in results. */
const prefixes = {
  legacy: 'sqlite-vec:', // @legacy
  libsql: '',
};

/** Name of one of our backends in results. */
export type StoreName = keyof typeof prefixes;

export const storeNames = Object.keys(prefixes) as readonly StoreName[];

/** Metrics of stores that do not offer cosine distance, or are not compared by it. */
export const METRICS: Readonly<Partial<Record<StoreName, Metric>>> = {
  legacy: 'l2', // @legacy
};

/** Largest number of vectors that a store takes part with unless it is asked for: larger ones take minutes to write. */
export const SENSIBLE_UP_TO: Readonly<Partial<Record<string, number>>> = {
  legacy: 50_000, // @legacy
};

export const LIBRARY = 'bench';

/** Model recorded in the stores of the benchmarks. */
export const MODEL = 'bench:mixed';

const PAGES_A_CALL = 20;

const modules = [
  libsqlModule,
  sqliteVecModule, // @legacy
];
const container = createContainer({ modules });

/** Connection string of a store in a file. */
export function connectionString(name: StoreName, path: string): string {
  return `${prefixes[name]}${path}`;
}

/** Opens a store by path or connection string, without an embedder: searches bring their vectors. */
export function openStore(connection: string): Promise<DocumentStore> {
  return DocumentStore.open({ backend: container.createBackend(connection) });
}

/** Creates a store for vectors of this dimension. */
export async function createStore(connection: string, dim: number, metric: Metric): Promise<DocumentStore> {
  const store = await openStore(connection);
  await store.backend.vectors.reconcile({ model: MODEL, dimension: dim, metric }, 'refuse');
  return openedAgain(store);
}

/** Reopens a store, which reads the profile when it is opened. */
async function openedAgain(store: DocumentStore): Promise<DocumentStore> {
  return DocumentStore.open({ backend: store.backend });
}

/** Content to write to a store. */
export interface Contents {
  readonly pages: readonly CorpusPage[];
  /** Vectors of the chunks, in order; repeats from the first one if there are fewer than chunks. */
  readonly vectors: VectorSet;
  readonly version: string;
  /** Id of the first chunk, so that stores agree on ids. The others follow in order. */
  readonly firstId: number;
}

/** Mutations that write pages, with ids that every store accepts. */
export function* toMutations({ pages, vectors, version, firstId }: Contents): Generator<ReplacePage> {
  let next = 0;
  for (const { url, title, chunks } of pages) {
    yield {
      kind: 'replacePage',
      version: { library: LIBRARY, version },
      page: { url, title, contentType: 'text/markdown' },
      chunks: chunks.map((chunk) => {
        const row = next++;
        return { ...chunk, id: firstId + row, vector: vectorAt(vectors, row % vectors.count) };
      }),
    };
  }
}

/** Writes pages to a store, many per transaction. */
export async function fillStore(
  store: DocumentStore,
  contents: Contents,
  what: string,
  progress: Progress,
): Promise<void> {
  const total = contents.pages.length;
  let batch: ReplacePage[] = [];
  let done = 0;
  const flush = async () => {
    await store.backend.apply(batch);
    done += batch.length;
    batch = [];
    progress.step(done, total, what);
  };
  for (const mutation of toMutations(contents)) {
    batch.push(mutation);
    if (batch.length === PAGES_A_CALL) await flush();
  }
  if (batch.length > 0) await flush();
}
