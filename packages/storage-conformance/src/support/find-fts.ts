import type { StorageBackend } from '@switchyard/storage-core';
import type { FtsHit, FtsQuery } from '@switchyard/storage-core/backend';
import { fastify } from './build.js';

/** Runs a full-text search on the default test version, with a limit that keeps everything. */
export function match(
  backend: StorageBackend,
  terms: readonly string[],
  more: Partial<FtsQuery> = {},
): Promise<readonly FtsHit[]> {
  return backend.fts.match({ version: fastify, terms, limit: 99, ...more });
}

/** Returns the contents of the matching chunks, best first. */
export async function found(backend: StorageBackend, ...terms: string[]): Promise<string[]> {
  const hits = await match(backend, terms);
  const chunks = await backend.catalog.chunks(hits.map(({ chunkId }) => chunkId));
  return hits.map(({ chunkId }) => chunks.find(({ id }) => id === chunkId)?.content ?? '?');
}
