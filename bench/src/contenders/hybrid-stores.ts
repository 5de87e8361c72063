import type { DocumentStore } from '@switchyard/storage-core';
import type { CorpusPage } from '../corpus/types.js';
import { type VectorSet, vectorAt } from '../harness/ground-truth.js';
import type { Progress } from '../harness/progress.js';
import type { Workspace } from '../harness/workspace.js';
import { AppSqlStore } from './app-sql.js';
import { connectionString, createStore, fillStore, LIBRARY, openStore, storeNames } from './stores.js';

const PAGES_A_TRANSACTION = 20;

/** Both backends and today's SQL with the same documentation and ids, in one file each. */
export interface HybridStores {
  /** `legacy` and `libsql`. */
  readonly stores: ReadonlyMap<string, DocumentStore>;
  readonly app: AppSqlStore;
}

/** Files of {@link HybridStores} by contender. */
export interface HybridFiles {
  readonly legacy: string;
  readonly libsql: string;
  readonly 'app-sql': string;
}

/** Documentation to store, with one vector per chunk. */
export interface Documentation {
  readonly pages: readonly CorpusPage[];
  readonly vectors: VectorSet;
}

/** Name of the version with this number, from 1. */
export function versionName(number: number): string {
  return `${number}.0.0`;
}

/** Creates empty stores with Euclidean distance, the metric of legacy stores, so that all rank alike. */
export async function createHybridFiles(workspace: Workspace, dim: number): Promise<HybridFiles> {
  const files = {
    legacy: workspace.path('legacy.db'),
    libsql: workspace.path('libsql.db'),
    'app-sql': workspace.path('app-sql.db'),
  };
  for (const [name, path] of Object.entries(files)) {
    const connection = connectionString(name === 'libsql' ? 'libsql' : 'legacy', path);
    await (await createStore(connection, dim, 'l2')).close();
  }
  return files;
}

export async function openHybridStores(files: HybridFiles): Promise<HybridStores> {
  const stores = new Map<string, DocumentStore>();
  for (const name of storeNames) stores.set(name, await openStore(connectionString(name, files[name])));
  return { stores, app: new AppSqlStore(files['app-sql']) };
}

export async function closeHybridStores({ stores, app }: HybridStores): Promise<void> {
  for (const store of stores.values()) await store.close();
  app.close();
}

/** Stores the documentation as another version in each. */
export async function addVersion(
  { stores, app }: HybridStores,
  { pages, vectors }: Documentation,
  number: number,
  progress: Progress,
): Promise<void> {
  const version = versionName(number);
  const firstId = 1 + (number - 1) * vectors.count;
  for (const [name, store] of stores) {
    const what = `pages written to ${name}, version ${version}`;
    await fillStore(store, { pages, vectors, version, firstId }, what, progress);
  }
  // Chunks get consecutive ids, which are equal if versions are added in order.
  const versionId = app.createVersion(LIBRARY, version);
  let row = 0;
  for (let start = 0; start < pages.length; start += PAGES_A_TRANSACTION) {
    app.together(() => {
      for (const page of pages.slice(start, start + PAGES_A_TRANSACTION)) {
        app.writePage(
          versionId,
          page,
          page.chunks.map(() => vectorAt(vectors, row++)),
        );
      }
    });
    progress.step(start + PAGES_A_TRANSACTION, pages.length, `pages written by app-sql, version ${version}`);
  }
}
