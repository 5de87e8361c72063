import { asFloat32, type VectorData } from './float32.js';
import { assertMetric, type Metric } from './metric.js';

// The canonical distances. There is one implementation, and every result that leaves the package comes from it, so that
// a distance has the same bits however a row was found. The order of operations is part of the contract: four float64
// accumulators, element j into accumulator j mod 4, added as (0+1)+(2+3). Float64 cannot overflow or underflow on
// float32 input of up to 4,096 dimensions, and represents each product of two float32 values exactly.

/** Σ a[i]², in the canonical order. */
export function squaredNorm(vectors: Float32Array, offset: number, dimension: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const end = offset + dimension;
  const whole = end - (dimension & 3);
  let i = offset;
  for (; i < whole; i += 4) {
    const a0 = vectors[i] as number;
    const a1 = vectors[i + 1] as number;
    const a2 = vectors[i + 2] as number;
    const a3 = vectors[i + 3] as number;
    s0 += a0 * a0;
    s1 += a1 * a1;
    s2 += a2 * a2;
    s3 += a3 * a3;
  }
  if (i < end) s0 += (vectors[i] as number) ** 2;
  if (i + 1 < end) s1 += (vectors[i + 1] as number) ** 2;
  if (i + 2 < end) s2 += (vectors[i + 2] as number) ** 2;
  return s0 + s1 + (s2 + s3);
}

function dotProduct(query: Float32Array, rows: Float32Array, offset: number): number {
  const dimension = query.length;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const whole = dimension & ~3;
  let j = 0;
  let i = offset;
  for (; j < whole; j += 4, i += 4) {
    s0 += (query[j] as number) * (rows[i] as number);
    s1 += (query[j + 1] as number) * (rows[i + 1] as number);
    s2 += (query[j + 2] as number) * (rows[i + 2] as number);
    s3 += (query[j + 3] as number) * (rows[i + 3] as number);
  }
  if (j < dimension) s0 += (query[j] as number) * (rows[i] as number);
  if (j + 1 < dimension) s1 += (query[j + 1] as number) * (rows[i + 1] as number);
  if (j + 2 < dimension) s2 += (query[j + 2] as number) * (rows[i + 2] as number);
  return s0 + s1 + (s2 + s3);
}

function euclidean(query: Float32Array, rows: Float32Array, offset: number): number {
  const dimension = query.length;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const whole = dimension & ~3;
  let j = 0;
  let i = offset;
  for (; j < whole; j += 4, i += 4) {
    const d0 = (query[j] as number) - (rows[i] as number);
    const d1 = (query[j + 1] as number) - (rows[i + 1] as number);
    const d2 = (query[j + 2] as number) - (rows[i + 2] as number);
    const d3 = (query[j + 3] as number) - (rows[i + 3] as number);
    s0 += d0 * d0;
    s1 += d1 * d1;
    s2 += d2 * d2;
    s3 += d3 * d3;
  }
  if (j < dimension) s0 += ((query[j] as number) - (rows[i] as number)) ** 2;
  if (j + 1 < dimension) s1 += ((query[j + 1] as number) - (rows[i + 1] as number)) ** 2;
  if (j + 2 < dimension) s2 += ((query[j + 2] as number) - (rows[i + 2] as number)) ** 2;
  return Math.sqrt(s0 + s1 + (s2 + s3));
}

/** Returns a function from the offset of a row (in values) to its canonical distance from `query`. */
export function distanceFrom(
  metric: Metric,
  query: Float32Array,
): (rows: Float32Array, offset: number) => number {
  assertMetric(metric);
  if (metric === 'l2') return (rows, offset) => euclidean(query, rows, offset);
  // 0 − x rather than −x, so that orthogonal vectors are at 0 and not at −0.
  if (metric === 'dot') return (rows, offset) => 0 - dotProduct(query, rows, offset);
  const queryNorm = squaredNorm(query, 0, query.length);
  return (rows, offset) => {
    const product = queryNorm * squaredNorm(rows, offset, query.length);
    // √(x·x) is exactly x in IEEE arithmetic, so the distance of a vector from itself is exactly 0.
    return product === 0 ? 1 : 1 - dotProduct(query, rows, offset) / Math.sqrt(product);
  };
}

/**
 * Canonical distance of two vectors, computed in float64. Symmetric. NaN and infinity are not rejected.
 *
 * @throws RangeError if the lengths differ; TypeError on an unknown metric.
 */
export function distance(metric: Metric, a: VectorData, b: VectorData): number {
  const left = asFloat32(a, 1, a instanceof Float32Array ? a.length : a.byteLength / 4);
  return distanceFrom(metric, left)(asFloat32(b, 1, left.length), 0);
}

/**
 * Canonical distances of `query` from packed rows, in the order of the rows: the same bits as {@link distance} returns
 * for each. The number of rows is the length of `packedRows` ÷ the dimension of the query.
 *
 * @throws RangeError if `packedRows` is not a whole number of rows.
 */
export function distances(metric: Metric, query: VectorData, packedRows: VectorData): Float64Array {
  const from = asFloat32(query, 1, query instanceof Float32Array ? query.length : query.byteLength / 4);
  const values = packedRows instanceof Float32Array ? packedRows.length : packedRows.byteLength / 4;
  const dimension = from.length;
  const count = dimension === 0 ? 0 : values / dimension;
  if (!Number.isInteger(count)) {
    throw new RangeError(`${values} values are not a whole number of rows of dimension ${dimension}`);
  }
  const rows = asFloat32(packedRows, count, dimension);
  const measure = distanceFrom(metric, from);
  const result = new Float64Array(count);
  for (let row = 0; row < count; row++) result[row] = measure(rows, row * dimension);
  return result;
}
