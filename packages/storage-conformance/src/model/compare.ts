import assert from 'node:assert/strict';
import type { StorageBackend, VersionRecord } from '@switchyard/storage-core';
import { hex } from '../support/assertions.js';
import { hasFts, hasVectors, ranksAsFts5 } from '../support/declared.js';
import { dump } from '../support/dump.js';
import { assertOwnRanking } from './own-ranking.js';
import { assertRanking, type Ranked } from './ranking.js';
import { allVersions, type Round } from './steps.js';

const ALL = 1_000_000;
/** Engines compute distances in float32 and scores in float64. */
const tolerance = { distance: 1e-5, score: 1e-9 };

/** Asserts that everything readable in the two stores is equal. */
export async function assertSameStore(tested: StorageBackend, reference: StorageBackend): Promise<void> {
  const [actual, expected] = [await dump(tested), await dump(reference)];
  assert.deepEqual(withoutClock(actual), withoutClock(expected));
  const overviews = [await tested.catalog.overview(), await reference.catalog.overview()];
  const [actualOverview, expectedOverview] = overviews.map((overview) =>
    overview.map((entry) => ({ ...entry, version: maskVersion(entry.version) })),
  );
  assert.deepEqual(actualOverview, expectedOverview);
}

/** Asserts that reads of one version, of the relatives of its chunks and by status are equal. */
export async function assertSameReads(
  tested: StorageBackend,
  reference: StorageBackend,
  { version, limit }: Round['search'],
): Promise<void> {
  const read = async ({ catalog }: StorageBackend) => {
    const pages = await catalog.pages(version);
    const relatives: unknown[] = [];
    for (const { url } of pages) {
      const chunks = await catalog.chunksByUrl(version, url);
      relatives.push(
        ...(await catalog.relatives({
          chunkIds: chunks.map(({ id }) => id),
          version,
          parent: true,
          children: limit,
          precedingSiblings: limit % 3,
          subsequentSiblings: limit % 4,
        })),
      );
    }
    const byStatus = await catalog.versionsByStatus(['not_indexed', 'failed', 'updating']);
    const bySource = await catalog.versionsBySourceUrl('/a');
    return {
      pages,
      relatives,
      hasChunks: await catalog.hasChunks(version),
      byStatus: byStatus.map(maskVersion),
      // A set: "newest first" depends on a clock that the two stores do not share.
      bySource: new Set(bySource.map(({ id }) => id)),
    };
  };
  assert.deepEqual(await read(tested), await read(reference));
}

/** Asserts that searches of one version give the same hits, except for rounding. */
export async function assertSameSearches(
  tested: StorageBackend,
  reference: StorageBackend,
  { version, vector, terms, limit, weights, excludeStructural }: Round['search'],
): Promise<void> {
  const nearest = async (backend: StorageBackend, most: number): Promise<Ranked[]> =>
    (await backend.vectors.nearest({ version, vector, limit: most })).map(({ chunkId, distance }) => ({
      chunkId,
      value: distance,
    }));
  const match = async (backend: StorageBackend, most: number): Promise<Ranked[]> =>
    (await backend.fts.match({ version, terms, limit: most, weights, excludeStructural })).map(
      ({ chunkId, score }) => ({ chunkId, value: score }),
    );

  if (hasVectors(tested)) {
    const stored = await vectorsOf(reference);
    const sameVector = (a: number, b: number) => stored.get(a) === stored.get(b);
    const expected = await nearest(reference, ALL);
    const text = `nearest to [${vector.join(', ')}]`;
    assertRanking(await nearest(tested, limit), expected, limit, tolerance.distance, sameVector, text);
  }

  if (!hasFts(tested)) return;
  if (!ranksAsFts5(tested)) {
    await assertOwnRanking(tested, reference, { version, vector, terms, limit, weights, excludeStructural });
    return;
  }
  const expectedFts = await match(reference, ALL);
  const scores = new Map(expectedFts.map(({ chunkId, value }) => [chunkId, value]));
  const sameScore = (a: number, b: number) => scores.get(a) === scores.get(b);
  const ftsText = `matches of ${JSON.stringify(terms)}`;
  assertRanking(await match(tested, limit), expectedFts, limit, tolerance.score, sameScore, ftsText);
}

/** Returns the vector of every chunk as text. */
async function vectorsOf(backend: StorageBackend): Promise<Map<number, string | null>> {
  const vectors = new Map<number, string | null>();
  for (const version of allVersions) {
    for (const { chunks } of await backend.catalog.snapshot({ version, limit: ALL })) {
      for (const { id, vector } of chunks) vectors.set(id, hex(vector));
    }
  }
  return vectors;
}

/** Removes values that depend on the clock, which the two stores read at different times. */
function withoutClock(content: Awaited<ReturnType<typeof dump>>): unknown {
  return {
    ...content,
    libraries: content.libraries.map((library) => ({ ...library, createdAt: null })),
    versions: content.versions.map(maskVersion),
  };
}

function maskVersion(version: VersionRecord): VersionRecord {
  return { ...version, createdAt: null, startedAt: null, updatedAt: null };
}
