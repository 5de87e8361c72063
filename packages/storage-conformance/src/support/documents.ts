import {
  DocumentStore,
  type DocumentStoreOptions,
  type Embedder,
  type PageDocument,
} from '@switchyard/storage-core';
import type { TestContext } from '../suite/context.js';
import { under } from './build.js';
import { letterEmbedder } from './embedder.js';

/** Opens a document store over a fresh store of the backend under test. */
export async function openDocuments(
  t: TestContext,
  options: Partial<DocumentStoreOptions> = {},
): Promise<DocumentStore> {
  const { backend } = await t.create();
  return DocumentStore.open({ backend, embedder: embedderOf(t), ...options });
}

/** Returns the embedder of the tests. */
export const embedderOf = (t: TestContext): Embedder => t.options.embedder ?? letterEmbedder();

/** Builds a page of chunks with these texts. */
export const page = (url: string, ...contents: string[]): PageDocument => ({
  url,
  title: `Title of ${url}`,
  chunks: contents.map((content) => ({ content, metadata: under(['Guide']) })),
});
