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
  for (const [read, call] of [
    ['catalog.overview', overviewOf],
    ['the whole store', async (store) => withoutClock(await dump(store))],
  ] as const satisfies readonly Read[]) {
    await assertSame(read, call, tested, reference);
  }
}

/** A read by name, and its result as plain data without what depends on the clock. */
type Read = readonly [name: string, call: (store: StorageBackend) => Promise<unknown>];

/** Makes a read on the reference and then on the backend under test, so that its call is among the last ones. */
async function assertSame(
  name: string,
  call: Read[1],
  tested: StorageBackend,
  reference: StorageBackend,
): Promise<void> {
  const expected = await call(reference);
  // Under its name, which the message of a failure begins with.
  assert.deepEqual({ [name]: await call(tested) }, { [name]: expected });
}

async function overviewOf({ catalog }: StorageBackend): Promise<unknown> {
  return (await catalog.overview()).map((entry) => ({ ...entry, version: maskVersion(entry.version) }));
}

/** Asserts that reads of one version, of the relatives of its chunks and by status are equal. */
export async function assertSameReads(
  tested: StorageBackend,
  reference: StorageBackend,
  { version, limit }: Round['search'],
): Promise<void> {
  const statuses = ['not_indexed', 'failed', 'updating'] as const;
  const reads: readonly Read[] = [
    ['catalog.pages', ({ catalog }) => catalog.pages(version)],
    ['catalog.relatives', (store) => relativesOf(store, version, limit)],
    ['catalog.hasChunks', ({ catalog }) => catalog.hasChunks(version)],
    [
      'catalog.versionsByStatus',
      async ({ catalog }) => (await catalog.versionsByStatus(statuses)).map(maskVersion),
    ],
    [
      'catalog.versionsBySourceUrl',
      // A set: "newest first" depends on a clock that the two stores do not share.
      async ({ catalog }) => new Set((await catalog.versionsBySourceUrl('/a')).map(({ id }) => id)),
    ],
  ];
  for (const [name, call] of reads) await assertSame(name, call, tested, reference);
}

/** Returns the relatives of every chunk of a version. */
async function relativesOf(
  { catalog }: StorageBackend,
  version: Round['search']['version'],
  limit: number,
): Promise<unknown> {
  const relatives: unknown[] = [];
  for (const { url } of await catalog.pages(version)) {
    const chunks = await catalog.chunksByUrl(version, url);
    const request = {
      chunkIds: chunks.map(({ id }) => id),
      version,
      parent: true,
      children: limit,
      precedingSiblings: limit % 3,
      subsequentSiblings: limit % 4,
    };
    relatives.push(...(await catalog.relatives(request)));
  }
  return relatives;
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
    const text = `vectors.nearest: nearest to [${vector.join(', ')}]`;
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
  const ftsText = `fts.match: matches of ${JSON.stringify(terms)}`;
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
