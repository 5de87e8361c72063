import type { Mutation } from '@switchyard/storage-core';
import { distance, type VectorHit } from '@switchyard/storage-core/backend';
import { expect, test } from 'vitest';
import { openAsApplication } from './support/application.js';
import { openOn, tempFile } from './support/temp.js';

const version = { library: 'lib', version: '' };
const DIMENSION = 8;

/** Pages of ten chunks with the given vectors. */
function pagesOf(vectors: readonly Float32Array[]): Mutation[] {
  return Array.from({ length: Math.ceil(vectors.length / 10) }, (_, page) => ({
    kind: 'replacePage',
    version,
    page: { url: `https://example.org/${page}` },
    chunks: vectors
      .slice(page * 10, page * 10 + 10)
      .map((vector) => ({ content: 'c', metadata: { types: [], level: 0, path: [] }, vector })),
  }));
}

/** Vectors of few different values, so that many are equal. */
function repeatedVectors(count: number): Float32Array[] {
  return Array.from({ length: count }, (_, index) =>
    Float32Array.from({ length: DIMENSION }, (_, at) => ((index * 7 + at) % 3) / 3),
  );
}

function byHand(vectors: readonly Float32Array[], query: Float32Array, limit: number): VectorHit[] {
  return vectors
    .map((vector, index) => ({ chunkId: index + 1, distance: distance('l2', query, vector) }))
    .sort((a, b) => a.distance - b.distance || a.chunkId - b.chunkId)
    .slice(0, limit);
}

const query = Float32Array.from({ length: DIMENSION }, (_, at) => at / 10);

test('ties are broken by id at any limit, even beyond the maximum of vec0', async () => {
  const vectors = repeatedVectors(4200);
  const backend = await openOn(null);
  await backend.vectors.reconcile({ model: 'm', dimension: DIMENSION }, 'refuse');
  await backend.apply(pagesOf(vectors));
  for (const limit of [0, 1, 2, 17, 1399, 1400, 1401, 3700, 4095, 4096, 4097, 4199, 4200, 10_000]) {
    const hits = await backend.vectors.nearest({ version, vector: query, limit });
    expect(hits, `limit ${limit}`).toEqual(byHand(vectors, query, limit));
  }
});

test('entries without a chunk do not use up the limit', async () => {
  const path = tempFile();
  const backend = await openOn(path);
  await backend.vectors.reconcile({ model: 'm', dimension: DIMENSION }, 'refuse');
  const vectors = repeatedVectors(100);
  const [{ versionId }] = await backend.apply([{ kind: 'resolveVersion', ...version }]);
  await backend.apply(pagesOf(vectors));
  const application = openAsApplication(path);
  const insert = application.prepare(
    'INSERT INTO documents_vec (rowid, library_id, version_id, embedding) VALUES (?, ?, ?, ?)',
  );
  for (let id = 1001n; id <= 1300n; id++)
    insert.run(id, BigInt(versionId), BigInt(versionId), Buffer.from(query.buffer));
  expect(await backend.vectors.nearest({ version, vector: query, limit: 5 })).toEqual(
    byHand(vectors, query, 5),
  );
  expect((await backend.vectors.audit()).problems.filter(({ kind }) => kind === 'orphan')).toHaveLength(300);
});

test('a metric or a dimension that vec0 does not support is refused before anything is written', async () => {
  const backend = await openOn(null);
  const refused = { code: 'STORAGE_NOT_SUPPORTED', outcome: 'not-applied' };
  await expect(
    backend.vectors.reconcile({ model: 'm', dimension: 3, metric: 'cosine' }, 'reset'),
  ).rejects.toMatchObject(refused);
  await expect(backend.vectors.reconcile({ model: 'm', dimension: 8193 }, 'reset')).rejects.toMatchObject(
    refused,
  );
  expect(await backend.vectors.profile()).toBeNull();
});
