import assert from 'node:assert/strict';
import type { StorageBackend, VersionRef } from '@switchyard/storage-core';
import { hasCapability, rankingOf } from '@switchyard/storage-core/backend';

type Declared = Pick<StorageBackend, 'capabilities'>;

/** Returns true if a backend has vectors. */
export const hasVectors = ({ capabilities }: Declared): boolean => hasCapability(capabilities, 'vectors');

/** Returns true if a backend has full-text search. */
export const hasFts = ({ capabilities }: Declared): boolean => hasCapability(capabilities, 'fts');

/** Returns true if full text is ranked as FTS5 does, so that scores and orders can be foretold. */
export const ranksAsFts5 = ({ capabilities }: Declared): boolean => rankingOf(capabilities) === 'fts5-bm25';

/** Counts of vectors, as `stats()` and `inspect()` return them: zero without vectors. */
export const vectorCounts = (backend: Declared, indexed: number, without: number) =>
  hasVectors(backend) ? { indexed, without, unusable: 0 } : { indexed: 0, without: 0, unusable: 0 };

/** Searches of a version by full text and by vector. */
export interface Searches {
  readonly word: string;
  readonly near: Float32Array;
}

/**
 * Returns the hits of a full-text and a vector search; null for a search that the backend does not have. Hits of another
 * ranking than FTS5's are in the order of their ids, since theirs cannot be foretold.
 */
export async function searchBoth(
  backend: StorageBackend,
  version: VersionRef,
  { word, near }: Searches,
): Promise<{ readonly fts: number[] | null; readonly near: number[] | null }> {
  const fts = hasFts(backend) ? await backend.fts.match({ version, terms: [word], limit: 99 }) : null;
  const nearest = hasVectors(backend)
    ? await backend.vectors.nearest({ version, vector: near, limit: 99 })
    : null;
  const ids = fts?.map(({ chunkId }) => chunkId) ?? null;
  return {
    fts: ranksAsFts5(backend) ? ids : (ids?.sort((a, b) => a - b) ?? null),
    near: nearest?.map(({ chunkId }) => chunkId) ?? null,
  };
}

/**
 * Asserts that full-text and vector searches, as far as the backend has them, find exactly these chunks.
 *
 * @param expected Chunks of both lists, or of each, best first.
 */
export async function assertFound(
  backend: StorageBackend,
  version: VersionRef,
  searches: Searches,
  expected: readonly number[] | { readonly fts: readonly number[]; readonly near: readonly number[] },
): Promise<void> {
  const { fts, near } = 'fts' in expected ? expected : { fts: expected, near: expected };
  const found = await searchBoth(backend, version, searches);
  const byRank = ranksAsFts5(backend) ? fts : [...fts].sort((a, b) => a - b);
  if (found.fts !== null) assert.deepEqual(found.fts, byRank, `matches of ${searches.word}`);
  if (found.near !== null) assert.deepEqual(found.near, near, `nearest to [${searches.near.join(', ')}]`);
}

/** Asserts that a word, if the backend has full text, is found in exactly these chunks. */
export async function assertMatches(
  backend: StorageBackend,
  version: VersionRef,
  word: string,
  expected: readonly number[],
): Promise<void> {
  if (!hasFts(backend)) return;
  const hits = await backend.fts.match({ version, terms: [word], limit: 99 });
  assert.deepEqual(new Set(hits.map(({ chunkId }) => chunkId)), new Set(expected), `matches of ${word}`);
}
