import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { libsqlModule } from '@switchyard/backend-libsql/module';
import { sqliteVecModule } from '@switchyard/backend-sqlite-vec/module'; // @legacy
import type { ChunkSizes } from '@switchyard/docs-loader';
import { createContainer } from '@switchyard/storage-container';
import { DocumentStore, type Embedder, type Metric } from '@switchyard/storage-core';
import type { LibrarySource } from './read-corpus.js';
import { toPages } from './read-corpus.js';

/** Backends that are measured, with the beginning of their connection strings. */
export const backends = {
  libsql: 'file:',
  legacy: 'sqlite-vec:', // @legacy
} as const;

/** Name of a measured backend. */
export type BackendName = keyof typeof backends;

/** Settings of {@link buildStore}. */
export interface StoreSettings {
  readonly backend: BackendName;
  readonly folder: string;
  /** Name of the file, without extension. */
  readonly name: string;
  readonly sources: readonly LibrarySource[];
  readonly embedder: Embedder;
  readonly sizes?: ChunkSizes | undefined;
  /** Default `l2`, as in converted stores. */
  readonly metric?: Metric | undefined;
  readonly onProgress?: ((library: string, pages: number) => void) | undefined;
}

const modules = [
  libsqlModule,
  sqliteVecModule, // @legacy
];
const container = createContainer({ modules, env: {} });

/** Builds a store from scratch and returns it open. */
export async function buildStore(settings: StoreSettings): Promise<DocumentStore> {
  const { backend, folder, name, sources, embedder, sizes, metric = 'l2', onProgress } = settings;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.${backend}.db`);
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
  const opened = await container.openBackend(`${backends[backend]}${file}`);
  const store = await DocumentStore.open({ backend: opened, embedder, metric });
  for (const { library, version, files } of sources) {
    const pages = toPages(files, sizes);
    onProgress?.(library.name, pages.length);
    await store.addPages(library.name, version, pages);
  }
  return store;
}

/** Closes the stores that were built. */
export function closeStores(): Promise<void> {
  return container.close();
}
