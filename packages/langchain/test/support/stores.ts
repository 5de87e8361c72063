import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EmbeddingsInterface } from '@langchain/core/embeddings';
import { fromLangChain } from '@switchyard/embedders/langchain';
import type { DocumentStore } from '@switchyard/storage-core';
import { openStore } from '@switchyard/switchyard';
import { afterEach } from 'vitest';
import { SwitchyardVectorStore, type SwitchyardVectorStoreConfig } from '../../src/index.js';
import { LetterEmbeddings } from './embeddings.js';

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

/** Path of a database in a folder that is removed after the test. */
export function temporaryPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-langchain-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'docs.db');
}

/** Opens a local libSQL file. */
export async function openFile(
  embeddings: EmbeddingsInterface,
  path = temporaryPath(),
): Promise<DocumentStore> {
  const store = await openStore(path, { embedder: fromLangChain(embeddings, { model: 'test:letters' }) });
  cleanups.push(() => store.close());
  return store;
}

/** Opens a vector store in a local libSQL file. */
export async function setUp(config: Partial<SwitchyardVectorStoreConfig> = {}) {
  const embeddings = new LetterEmbeddings();
  const store = config.store ?? (await openFile(embeddings));
  const vectorStore = new SwitchyardVectorStore(embeddings, { library: 'notes', ...config, store });
  embeddings.queries.length = 0;
  return { embeddings, store, vectorStore };
}

/** Sources of the stored documents: each page with the texts of its chunks. */
export async function pagesOf(store: DocumentStore, library = 'notes', version = '') {
  const record = await store.version(library, version);
  const pages: Record<string, string[]> = {};
  for (const { url } of record === null ? [] : await store.pages(record.id)) {
    pages[url] = (await store.chunksByUrl(library, version, url)).map(({ content }) => content);
  }
  return pages;
}
