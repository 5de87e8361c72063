import assert from 'node:assert/strict';
import {
  DocumentStore,
  type DocumentStoreOptions,
  type Embedder,
  type PageDocument,
} from '@switchyard/storage-core';
import type { TestContext } from '../suite/context.js';
import { under } from './build.js';
import { hasFts } from './declared.js';
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

/** Asserts the number of hits of a search, unless the backend has no search that the store could make. */
export async function assertHitCount(
  store: DocumentStore,
  [library, version]: readonly [library: string, version: string],
  text: string,
  expected: number,
): Promise<void> {
  if (!hasFts(store.backend) && store.profile === null) return;
  assert.equal((await store.search(library, version, text)).length, expected, `hits for ${text}`);
}

/** Builds a page of chunks with these texts. */
export const page = (url: string, ...contents: string[]): PageDocument => ({
  url,
  title: `Title of ${url}`,
  chunks: contents.map((content) => ({ content, metadata: under(['Guide']) })),
});
