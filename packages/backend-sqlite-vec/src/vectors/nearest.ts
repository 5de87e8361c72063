import { idsValue, type SqliteDriver } from '@switchyard/sqlite-common';
import type { ChunkId, VersionId } from '@switchyard/storage-core';
import { distance, type VectorHit } from '@switchyard/storage-core/backend';
import { fromBlob, readEmbedding, toBlob } from './embedding-json.js';

/** Maximum number of neighbors that vec0 returns from one search. */
const MAX_K = 4096;

function findNearest(isFiltered: boolean): string {
  return `
WITH found AS MATERIALIZED (
  SELECT rowid AS id, distance
  FROM documents_vec
  WHERE embedding MATCH ? AND k = ? AND library_id = ? AND version_id = ?
  ${isFiltered ? 'AND rowid IN (SELECT value FROM json_each(?))' : ''}
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
}

function measureAll(isFiltered: boolean): string {
  return `
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
WHERE v."library_id" = ? AND v.version_id = ?
${isFiltered ? 'AND +v.rowid IN (SELECT value FROM json_each(?))' : ''}
ORDER BY distance`;
}

const selectLibrary = `
SELECT library_id AS id
FROM versions
WHERE id = ?`;

const selectEmbeddings = `
SELECT id, embedding
FROM documents
WHERE id IN (SELECT value FROM json_each(?))`;

const selectIndexed = `
SELECT embedding
FROM documents_vec
WHERE rowid = ?`;

interface Neighbor {
  readonly id: number;
  readonly distance: number;
  readonly hasChunk: number;
}

/** A version to search. */
export interface SearchedVersion {
  readonly versionId: VersionId;
  /** Chunks that may be hits; null for all. vec0 searches among them only, so that its limit counts them. */
  readonly passing: ReadonlySet<ChunkId> | null;
}

/**
 * Returns the nearest chunks of some versions by ascending distance, equal distances by id, also at the limit.
 *
 * vec0 computes in float32 and cuts ties arbitrarily. Neighbors whose distances it cannot distinguish are measured
 * again from their vectors in float64, and the search extends far enough beyond the limit that none of them is missed.
 * Those of several versions are compared before they are measured, since a distance in float64 and one in float32 do not
 * compare. Skips index entries without a chunk.
 *
 * @param vector Vector with the dimension of the index.
 */
export function findNearestChunks(
  driver: SqliteDriver,
  versions: readonly SearchedVersion[],
  vector: Float32Array,
  limit: number,
): VectorHit[] {
  if (limit === 0) return [];
  const contenders = versions.flatMap((version) => findContenders(driver, version, vector, limit));
  if (versions.length > 1) contenders.sort((a, b) => a.distance - b.distance);
  return rank(driver, vector, contenders).slice(0, limit);
}

/** Returns the chunks of a version that may be among the nearest, by the distances of vec0. */
function findContenders(
  driver: SqliteDriver,
  { versionId, passing }: SearchedVersion,
  vector: Float32Array,
  limit: number,
): readonly Neighbor[] {
  const library = driver.first<{ id: number }>(selectLibrary, [versionId])?.id;
  if (library === undefined || passing?.size === 0) return [];
  const ids = passing === null ? [] : [idsValue(passing)];
  const query = toBlob(vector);
  let k = limit + 16 + Math.ceil(limit / 8);
  while (limit < MAX_K) {
    k = Math.min(k, MAX_K);
    const values = [query, k, library, versionId, ...ids, versionId];
    const found = driver.all<Neighbor>(findNearest(passing !== null), values);
    const contenders = selectContenders(found, limit, vector.length, found.length < k);
    if (contenders !== null) return contenders;
    if (k === MAX_K) break;
    k *= 4;
  }
  const all = driver.all<Neighbor>(measureAll(passing !== null), [query, library, versionId, ...ids]);
  return selectContenders(all, limit, vector.length, true) ?? [];
}

/**
 * Returns the found chunks that may be among the first `limit`; null if chunks that were not found may be, too.
 *
 * @param found Ascending by distance.
 * @param complete True if no chunks exist beyond those found.
 */
function selectContenders(
  found: readonly Neighbor[],
  limit: number,
  dimension: number,
  complete: boolean,
): readonly Neighbor[] | null {
  const withChunk = found.filter((neighbor) => neighbor.hasChunk !== 0);
  const last = withChunk[limit - 1];
  if (last === undefined) return complete ? withChunk : null;
  const bound = last.distance + uncertainty(last.distance, dimension);
  if (!complete && (found.at(-1)?.distance ?? 0) <= bound) return null;
  return withChunk.filter((neighbor) => neighbor.distance <= bound);
}

/** Sorts neighbors by their float64 distances, then by id. */
function rank(driver: SqliteDriver, vector: Float32Array, neighbors: readonly Neighbor[]): VectorHit[] {
  const { length } = vector;
  const isClose = (nearer: Neighbor | undefined, farther: Neighbor | undefined) =>
    nearer !== undefined &&
    farther !== undefined &&
    !(farther.distance - nearer.distance > uncertainty(farther.distance, length));
  const unsure = neighbors.filter(
    (self, at) =>
      isOutOfRange(self.distance) || isClose(neighbors[at - 1], self) || isClose(self, neighbors[at + 1]),
  );
  const exact = measure(driver, vector, unsure);
  return neighbors
    .map((neighbor) => ({
      chunkId: neighbor.id,
      distance: exact.get(neighbor.id) ?? neighbor.distance,
    }))
    .sort((a, b) => a.distance - b.distance || a.chunkId - b.chunkId);
}

/**
 * Returns the float64 distances of some neighbors, by id. Reads stored embeddings, because vec0 takes several times
 * longer to return a single vector; uses the index if the stored embedding cannot be the one that was searched.
 */
function measure(
  driver: SqliteDriver,
  vector: Float32Array,
  neighbors: readonly Neighbor[],
): ReadonlyMap<number, number> {
  const measured = new Map<number, number>();
  if (neighbors.length === 0) return measured;
  const searched = new Map(neighbors.map(({ id, distance }) => [id, distance]));
  const ids = JSON.stringify([...searched.keys()]);
  for (const { id, embedding } of driver.all<{ id: number; embedding: unknown }>(selectEmbeddings, [ids])) {
    const stored = readEmbedding(embedding, vector.length).vector;
    const found = searched.get(id) ?? 0;
    const exact = stored === null ? Number.NaN : distance('l2', vector, stored);
    const isSearched = Math.abs(exact - found) <= uncertainty(found, vector.length);
    measured.set(id, isSearched ? exact : measureIndexed(driver, vector, id));
  }
  return measured;
}

function measureIndexed(driver: SqliteDriver, vector: Float32Array, id: number): number {
  const indexed = driver.first<{ embedding: Uint8Array }>(selectIndexed, [id]);
  return indexed === undefined
    ? Number.POSITIVE_INFINITY
    : distance('l2', vector, fromBlob(indexed.embedding));
}

/**
 * Maximum difference of two float32 distances with the same exact value. The relative error of a sum of n squares is
 * below 8√n roundings of 2⁻²⁴ with a probability that is 1 for all purposes (Higham and Mary, A New Approach to
 * Probabilistic Rounding Error Analysis, SIAM J. Sci. Comput. 41, 2019); the root halves that, and there are two.
 * Squares too small for float32 are lost: each is less than 2⁻¹⁴⁹.
 */
function uncertainty(distance: number, dimension: number): number {
  return distance * (8 * Math.sqrt(dimension) + 4) * 2 ** -24 + Math.sqrt(dimension) * 2 ** -74;
}

/** Returns true if float32 overflows on squares of this size, or loses digits of them. */
function isOutOfRange(distance: number): boolean {
  return distance > 2 ** 63 || distance < 2 ** -60;
}
