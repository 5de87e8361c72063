import assert from 'node:assert/strict';
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

/** Asserts what every ranking owes: each chunk once, finite scores, the best first, equal ones by id. */
export function assertBestFirst(hits: readonly FtsHit[], what: string): void {
  assert.equal(new Set(hits.map(({ chunkId }) => chunkId)).size, hits.length, `${what}: each chunk once`);
  for (const [place, hit] of hits.entries()) {
    assert.ok(Number.isFinite(hit.score), `${what}, place ${place + 1}: the score is ${hit.score}`);
    const before = hits[place - 1];
    if (before === undefined) continue;
    const isBehind = before.score > hit.score || (before.score === hit.score && before.chunkId < hit.chunkId);
    assert.ok(
      isBehind,
      `${what}, place ${place + 1}: chunk ${hit.chunkId} (score ${hit.score}) must not follow chunk ${before.chunkId} (score ${before.score})`,
    );
  }
}
