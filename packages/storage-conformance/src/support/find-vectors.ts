import type { StorageBackend } from '@switchyard/storage-core';
import type { VectorHit } from '@switchyard/storage-core/backend';
import { chunk, fastify, write } from './build.js';

/** Writes one chunk per vector on one page and returns the chunk ids. */
export async function store(
  backend: StorageBackend,
  vectors: readonly Float32Array[],
  url = '/vectors',
): Promise<readonly number[]> {
  const { chunkIds } = await write(
    backend,
    fastify,
    url,
    vectors.map((values, i) => chunk(`${i}`, { vector: values })),
  );
  return chunkIds;
}

/** Runs a vector search on the default test version. */
export function nearest(
  backend: StorageBackend,
  query: Float32Array,
  limit: number,
): Promise<readonly VectorHit[]> {
  return backend.vectors.nearest({ version: fastify, vector: query, limit });
}

/** Returns the ids of hits, in order. */
export const idsOf = (hits: readonly VectorHit[]): number[] => hits.map(({ chunkId }) => chunkId);
