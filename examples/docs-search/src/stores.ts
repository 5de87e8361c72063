import { join } from 'node:path';
import { libsqlModule } from '@switchyard/backend-libsql/module';
import { sqliteVecModule } from '@switchyard/backend-sqlite-vec/module'; // @legacy
import { createContainer } from '@switchyard/storage-container';
import { copyStore, DocumentStore, type Embedder } from '@switchyard/storage-core';
import type { Documentation } from './documentation.js';
import type { Progress } from './report/progress.js';

const modules = [
  libsqlModule,
  sqliteVecModule, // @legacy
];

/** Store that is filled first and then copied: its name in reports, its file, and the scheme of its connection string. */
export const SOURCE = {
  // @legacy-begin
  name: 'sqlite-vec (legacy)',
  file: 'legacy.db',
  scheme: 'sqlite-vec:',
  // @legacy-end
  // @after-legacy: name: 'libsql (original)',
  // @after-legacy: file: 'original.db',
  // @after-legacy: scheme: 'file:',
};

/** Both stores, opened. */
export interface Stores {
  readonly source: DocumentStore;
  readonly libsql: DocumentStore;
  readonly sourcePath: string;
  readonly libsqlPath: string;
  close(): Promise<void>;
}

/** Statistics of filling the stores. */
export interface IndexingReport {
  /** Number of chunks embedded in this run. */
  readonly embedded: number;
  readonly indexingSeconds: number;
  readonly copied: number;
  readonly copyingSeconds: number;
}

/** Opens both stores in a folder, and creates them if they do not exist. */
export async function openStores(folder: string, embedder: Embedder): Promise<Stores> {
  const container = createContainer({ modules });
  const sourcePath = join(folder, SOURCE.file);
  const libsqlPath = join(folder, 'libsql.db');
  try {
    const source = await container.openBackend(`${SOURCE.scheme}${sourcePath}`);
    const libsql = await container.openBackend(libsqlPath);
    return {
      source: await DocumentStore.open({ backend: source, embedder }),
      libsql: await DocumentStore.open({ backend: libsql, embedder }),
      sourcePath,
      libsqlPath,
      close: () => container.close(),
    };
  } catch (error) {
    await container.close();
    throw error;
  }
}

/**
 * Embeds and indexes the documentation into the first store, then copies that store into the libSQL one: every text
 * is embedded once, and both stores hold the same ids and the same vectors.
 */
export async function fillStores(
  { source, libsql }: Stores,
  documentation: readonly Documentation[],
  progress: Progress,
  signal: AbortSignal,
): Promise<IndexingReport> {
  let started = performance.now();
  let embedded = 0;
  for (const { library, version, pages, chunks } of documentation) {
    const stored = await source.version(library, version);
    // A kept store from an earlier run.
    if (stored?.status === 'completed' && stored.progressPages === pages.length) continue;
    const versionId = await source.resolveVersion(library, version);
    progress.start(`Embedding and indexing ${library} ${version}`, chunks, 'chunks');
    await source.addPages(library, version, pages, {
      signal,
      onProgress: (done) => progress.update(done.chunks),
    });
    progress.stop();
    await source.setVersionProgress(versionId, pages.length, pages.length);
    await source.setVersionStatus(versionId, 'completed');
    embedded += chunks;
  }
  const indexingSeconds = (performance.now() - started) / 1000;

  started = performance.now();
  const overview = await source.backend.catalog.overview();
  const total = overview.reduce((sum, { chunks }) => sum + chunks, 0);
  progress.start('Copying the store to libSQL', total, 'chunks');
  const { chunks: copied } = await copyStore(source.backend, libsql.backend, {
    signal,
    onProgress: ({ chunks }) => progress.update(chunks),
  });
  progress.stop();
  return { embedded, indexingSeconds, copied, copyingSeconds: (performance.now() - started) / 1000 };
}
