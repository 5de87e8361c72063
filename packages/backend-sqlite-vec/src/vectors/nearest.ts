import type { SqliteDriver } from '@switchyard/sqlite-common';
import { distance, type VectorHit } from '@switchyard/storage-core';
import { fromBlob, toBlob } from './embedding-json.js';

/** The most neighbours that vec0 finds in one search. */
const MAX_K = 4096;

const findNearest = `
WITH found AS MATERIALIZED (
  SELECT rowid AS id, distance
  FROM documents_vec
  WHERE embedding MATCH ? AND k = ? AND version_id = ?
)
SELECT
  found.id,
  found.distance,
  EXISTS (
    SELECT 1
    FROM documents AS d
    JOIN pages AS p ON p.id = d.page_id
    WHERE d.id = found.id AND p.version_id = ?
  ) AS hasChunk
FROM found
ORDER BY found.distance`;

const measureAll = `
SELECT
  v.rowid AS id,
  vec_distance_l2(v.embedding, ?) AS distance,
  EXISTS (
    SELECT 1
    FROM documents AS d
    JOIN pages AS p ON p.id = d.page_id
    WHERE d.id = v.rowid AND p.version_id = v.version_id
  ) AS hasChunk
FROM documents_vec AS v
WHERE v.version_id = ?
ORDER BY distance`;

const selectVectors = `
SELECT v.rowid AS id, v.embedding
FROM json_each(?) AS wanted
JOIN documents_vec AS v ON v.rowid = wanted.value`;

interface Neighbour {
  readonly id: number;
  readonly distance: number;
  readonly hasChunk: number;
}

/**
 * The nearest chunks of a version, ascending by distance, equal distances by id, also at the limit.
 *
 * vec0 computes in float32 and cuts ties as they come. Neighbours whose distances it cannot tell apart are measured
 * again from their vectors in float64, and the search is widened when such a group crosses the limit. Entries of the
 * index without a chunk are passed over.
 *
 * @param vector Of the dimension of the index.
 */
export function findNearestChunks(
  driver: SqliteDriver,
  versionId: number,
  vector: Float32Array,
  limit: number,
): VectorHit[] {
  if (limit === 0) return [];
  const query = toBlob(vector);
  for (let k = limit + 1; k <= MAX_K; k *= 2) {
    const found = driver.all<Neighbour>(findNearest, [query, k, versionId, versionId]);
    const hits = rank(driver, vector, found, limit, found.length < k);
    if (hits !== null) return hits;
  }
  const all = driver.all<Neighbour>(measureAll, [query, versionId]);
  return rank(driver, vector, all, limit, true) ?? [];
}

/**
 * The first `limit` of what was found, in exact order; null when what was not found could belong among them.
 *
 * @param complete Whether there is nothing beyond what was found.
 */
function rank(
  driver: SqliteDriver,
  vector: Float32Array,
  found: readonly Neighbour[],
  limit: number,
  complete: boolean,
): VectorHit[] | null {
  const alive = found.filter((neighbour) => neighbour.hasChunk !== 0);
  const tolerance = float32Tolerance(vector.length);
  const hits: VectorHit[] = [];
  const unsure: VectorHit[][] = [];
  let start = 0;
  while (start < alive.length && hits.length < limit) {
    let end = start + 1;
    while (end < alive.length && isClose(alive[end - 1], alive[end], tolerance)) end++;
    // Something unseen may be as close as the last of the group.
    if (end === alive.length && !complete && isClose(alive[end - 1], found.at(-1), tolerance)) return null;
    const group = alive.slice(start, end).map(({ id, distance }) => ({ chunkId: id, distance }));
    if (group.length > 1) unsure.push(group);
    hits.push(...group);
    start = end;
  }
  if (hits.length < limit && !complete) return null;
  return unsure.length === 0
    ? hits.slice(0, limit)
    : measureAgain(driver, vector, hits, unsure).slice(0, limit);
}

/** Puts the members of each group in the order of their float64 distances. */
function measureAgain(
  driver: SqliteDriver,
  vector: Float32Array,
  hits: readonly VectorHit[],
  groups: readonly (readonly VectorHit[])[],
): VectorHit[] {
  const ids = groups.flat().map((hit) => hit.chunkId);
  const exact = new Map<number, number>();
  for (const row of driver.all<{ id: number; embedding: Uint8Array }>(selectVectors, [JSON.stringify(ids)])) {
    exact.set(row.id, distance('l2', vector, fromBlob(row.embedding)));
  }
  return hits
    .map((hit) => ({ chunkId: hit.chunkId, distance: exact.get(hit.chunkId) ?? hit.distance }))
    .sort((a, b) => a.distance - b.distance || a.chunkId - b.chunkId);
}

/**
 * By how much, relatively, two float32 distances of the same exact value can differ: a sum of n squares carries at most
 * n + 2 roundings of 2⁻²⁴ each, the root halves that, and there are two of them.
 */
function float32Tolerance(dimension: number): number {
  return (dimension + 4) * 2 ** -24;
}

function isClose(nearer: Neighbour | undefined, farther: Neighbour | undefined, tolerance: number): boolean {
  if (nearer === undefined || farther === undefined) return false;
  return farther.distance - nearer.distance <= farther.distance * tolerance;
}
