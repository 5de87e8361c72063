import type { CodeTable } from './code-table.js';
import { distanceFrom } from './distance.js';
import { asFloat32, type VectorData } from './float32.js';
import type { Metric } from './metric.js';
import { assertK } from './scan.js';

/** A row and its canonical distance from the query. */
export interface Neighbor {
  readonly id: number;
  readonly distance: number;
}

/**
 * Computes the distance of two vectors of equal length. Any float64 evaluation of the metric's formula is valid, in any
 * order of summation: the proof of the candidates covers all of them.
 */
export type Measure = (query: Float32Array, row: Float32Array) => number;

/** Components of a row, fetched from the store of the float32 vectors. */
export interface FetchedVector {
  readonly id: number;
  /** `dimension` float32 values, or their little-endian bytes. */
  readonly vector: VectorData;
}

/**
 * Thrown if the vector of a candidate was not returned: the table contains rows that its source no longer has. Reload
 * the table and search again.
 */
export class MissingVectorError extends Error {
  override readonly name = 'MissingVectorError';
  readonly ids: readonly number[];

  constructor(ids: readonly number[]) {
    super(`No vector was returned for ${ids.length} candidate(s), the first with id ${ids[0]}`);
    this.ids = ids;
  }
}

/**
 * Returns the k nearest rows with their exact distances, ascending, ties by ascending id: scans the table, fetches the
 * vectors of the candidates, and measures them. The result equals that of measuring every row.
 *
 * @param fetchVectors Called once with all candidates, unless there are none; returns a vector for each, in any order.
 * Other vectors are ignored.
 * @param measure Distance that decides order and ties. Default: {@link distance} with the table's metric.
 * @throws MissingVectorError if a vector is missing; RangeError as {@link CodeTable.scan}.
 */
export async function nearest(
  table: CodeTable,
  query: VectorData,
  k: number,
  fetchVectors: (ids: Float64Array) => Promise<Iterable<FetchedVector>>,
  measure?: Measure,
): Promise<Neighbor[]> {
  const { ids } = table.scan(query, k);
  return rescore(table.metric, query, k, ids, ids.length === 0 ? [] : await fetchVectors(ids), measure);
}

/** Synchronous {@link nearest}. */
export function nearestSync(
  table: CodeTable,
  query: VectorData,
  k: number,
  fetchVectors: (ids: Float64Array) => Iterable<FetchedVector>,
  measure?: Measure,
): Neighbor[] {
  const { ids } = table.scan(query, k);
  return rescore(table.metric, query, k, ids, ids.length === 0 ? [] : fetchVectors(ids), measure);
}

/**
 * Measures the candidates `ids` from their vectors and returns the k nearest: the second half of {@link nearest}, for
 * callers that fetch vectors themselves.
 */
export function rescore(
  metric: Metric,
  query: VectorData,
  k: number,
  ids: Float64Array,
  vectors: Iterable<FetchedVector>,
  measure?: Measure,
): Neighbor[] {
  assertK(k);
  const from = asFloat32(query, 1, query instanceof Float32Array ? query.length : query.byteLength / 4);
  const canonical = distanceFrom(metric, from);
  const waiting = new Set(ids);
  const neighbors: Neighbor[] = [];
  for (const { id, vector } of vectors) {
    // Deleted, so that a vector returned twice counts once.
    if (!waiting.delete(id)) continue;
    const row = asFloat32(vector, 1, from.length);
    neighbors.push({ id, distance: measure === undefined ? canonical(row, 0) : measure(from, row) });
  }
  if (waiting.size > 0) throw new MissingVectorError([...waiting]);
  neighbors.sort((a, b) => a.distance - b.distance || a.id - b.id);
  return neighbors.slice(0, k);
}
