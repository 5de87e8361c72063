import { libsqlBackend } from '@switchyard/backend-libsql';
import type { ChunkInput, CreateOptions, Mutation, StorageBackend } from '@switchyard/storage-core';
import { parseConnectionString } from '@switchyard/storage-core';
import { afterEach } from 'vitest';
import './temp.js'; // its folders are removed after stores are closed: hooks run from the last to the first

const opened: StorageBackend[] = [];

afterEach(async () => {
  for (const backend of opened.splice(0)) await backend.close();
});

/** A backend that is not open. */
export function createStore(connection: string, options?: CreateOptions): StorageBackend {
  const backend = libsqlBackend.create(
    parseConnectionString(connection, { backends: [libsqlBackend] }),
    options,
  );
  opened.push(backend);
  return backend;
}

/** An open backend, which is closed after the test. */
export async function openStore(connection = ':memory:', options?: CreateOptions): Promise<StorageBackend> {
  const backend = createStore(connection, options);
  await backend.open();
  return backend;
}

/** The version most tests write to. */
export const fastify = { library: 'fastify', version: '5.6.0' } as const;

/** A chunk of plain text. */
export function chunk(content: string, more: Partial<ChunkInput> = {}): ChunkInput {
  return { content, metadata: { types: ['text'], level: 1, path: [] }, vector: null, ...more };
}

/** The write of a page of chunks. */
export function page(
  url: string,
  chunks: readonly ChunkInput[],
  version: Extract<Mutation, { kind: 'replacePage' }>['version'] = fastify,
): Extract<Mutation, { kind: 'replacePage' }> {
  return { kind: 'replacePage', version, page: { url, title: `Title of ${url}` }, chunks };
}
