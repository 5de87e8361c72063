import assert from 'node:assert/strict';
import type { StorageBackend } from '@switchyard/storage-core';
import { fuse, isStructural } from '@switchyard/storage-core/backend';
import { hasVectors } from '../support/declared.js';
import { assertBestFirst } from '../support/find-fts.js';
import type { Round } from './steps.js';

const ALL = 1_000_000;

/**
 * Asserts what a backend with a full-text ranking of its own owes: the chunks that the reference finds, and no others; and
 * one ranking of them, whichever way it is asked for.
 */
export async function assertOwnRanking(
  tested: StorageBackend,
  reference: StorageBackend,
  { version, vector, terms, limit, weights, excludeStructural }: Round['search'],
): Promise<void> {
  const what = `fts.match: matches of ${JSON.stringify(terms)}`;
  const query = { version, terms, weights, excludeStructural };
  const all = await tested.fts.match({ ...query, limit: ALL });
  const expected = await reference.fts.match({ ...query, limit: ALL });
  const ids = (hits: readonly { readonly chunkId: number }[]) =>
    hits.map(({ chunkId }) => chunkId).sort((a, b) => a - b);
  assert.deepEqual(ids(all), ids(expected), what);
  assertBestFirst(all, what);
  assert.deepEqual(
    await tested.fts.match({ ...query, limit }),
    all.slice(0, limit),
    `${what}, limit ${limit}`,
  );

  // Structural chunks are left out of the same list, not of another one.
  const rows = await tested.catalog.chunks(ids(all));
  const structural = new Set(rows.filter(({ metadata }) => isStructural(metadata)).map(({ id }) => id));
  const rest = all.filter(({ chunkId }) => !structural.has(chunkId));
  const excluding = await tested.fts.match({ ...query, excludeStructural: true, limit });
  assert.deepEqual(excluding, rest.slice(0, limit), `${what} without structural chunks, limit ${limit}`);

  if (tested.candidates === undefined || tested.capabilities.candidates !== true || !hasVectors(tested))
    return;
  const near = await tested.vectors.nearest({ version, vector, limit });
  const { fts, fused } = await tested.candidates({
    versions: [version],
    vector: { values: vector, limit },
    fts: { terms, weights, excludeStructural, limit },
    fusion: { limit },
  });
  assert.deepEqual(fts, all.slice(0, limit), `${what}, as candidates`);
  const excluded = new Set(
    (await tested.catalog.chunks(ids([...near, ...fts])))
      .filter(({ metadata }) => isStructural(metadata))
      .map(({ id }) => id),
  );
  const ranks = fuse(near, all.slice(0, limit), excluded).slice(0, limit);
  assert.deepEqual(
    fused.map(({ chunkId, vecRank, ftsRank }) => ({ chunkId, vecRank, ftsRank })),
    ranks.map(({ chunkId, vecRank, ftsRank }) => ({ chunkId, vecRank, ftsRank })),
    `fused ${what}`,
  );
}
