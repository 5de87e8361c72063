import type { DocumentStore } from '@switchyard/storage-core';
import type { CorpusPage } from '../corpus/types.js';
import { type VectorSet, vectorAt } from '../harness/ground-truth.js';
import type { Progress } from '../harness/progress.js';
import type { Workspace } from '../harness/workspace.js';
import { AppSqlStore } from './legacy/app-sql.js'; // @legacy
import {
  connectionString,
  createStore,
  fillStore,
  LIBRARY,
  openStore,
  type StoreName,
  storeNames,
} from './stores.js';

const PAGES_A_TRANSACTION = 20;

/** Our backends and other stores with the same documentation and ids, in one file each. */
export interface HybridStores {
  /** By {@link StoreName}. */
  readonly stores: ReadonlyMap<string, DocumentStore>;
  readonly others: readonly OtherStore[];
}

/** Files of {@link HybridStores} by contender. */
export type HybridFiles = Readonly<Record<string, string>>;

/** A page and the vectors of its chunks. */
export interface PageToWrite {
  readonly page: CorpusPage;
  readonly vectors: readonly Float32Array[];
}

/** A store that is not one of our backends. */
export interface OtherStore {
  readonly name: string;
  /** Describes how it searches, for the results. */
  readonly searching: string;
  /** Describes how it writes this number of pages at once, for the results. */
  writing(pages: number): string;
  /** Creates a version, and its library if absent. */
  createVersion(library: string, version: string): void;
  /** Returns the ids of the best hits, best first. */
  search(
    library: string,
    version: string,
    text: string,
    vector: Float32Array,
    limit: number,
  ): readonly number[];
  /** Replaces pages in one transaction. */
  writePages(library: string, version: string, pages: readonly PageToWrite[]): void;
  close(): void;
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
  const files: Record<string, string> = {};
  const create = async (contender: string, kind: StoreName) => {
    const path = workspace.path(`${contender}.db`);
    await (await createStore(connectionString(kind, path), dim, 'l2')).close();
    files[contender] = path;
  };
  for (const name of storeNames) await create(name, name);
  await create('app-sql', 'legacy'); // @legacy
  return files;
}

export async function openHybridStores(files: HybridFiles): Promise<HybridStores> {
  const stores = new Map<string, DocumentStore>();
  for (const name of storeNames) {
    stores.set(name, await openStore(connectionString(name, files[name] as string)));
  }
  const others: OtherStore[] = [
    new AppSqlStore(files['app-sql'] as string), // @legacy
  ];
  return { stores, others };
}

export async function closeHybridStores({ stores, others }: HybridStores): Promise<void> {
  for (const store of stores.values()) await store.close();
  for (const other of others) other.close();
}

/**
 * Stores the documentation as another version in each. Chunks get consecutive ids, which are equal in all stores if
 * versions are added in order.
 */
export async function addVersion(
  { stores, others }: HybridStores,
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
  for (const other of others) {
    other.createVersion(LIBRARY, version);
    let row = 0;
    for (let start = 0; start < pages.length; start += PAGES_A_TRANSACTION) {
      const group = pages.slice(start, start + PAGES_A_TRANSACTION).map((page) => ({
        page,
        vectors: page.chunks.map(() => vectorAt(vectors, row++)),
      }));
      other.writePages(LIBRARY, version, group);
      const done = start + PAGES_A_TRANSACTION;
      progress.step(done, pages.length, `pages written by ${other.name}, version ${version}`);
    }
  }
}
