import type { Metric } from '@switchyard/storage-core';

/**
 * Returns the distances of `count` vectors concatenated in `rows`, bit by bit those of `distance()` of storage-core. That
 * function waits for each float64 addition before the next one; here two vectors are summed at a time, each in the same
 * order, and what only depends on the query is computed once.
 *
 * @returns NaN for a vector that is not finite
 */
export function distancesFrom(
  metric: Metric,
  query: Float32Array,
  rows: Float32Array,
  count: number,
): Float64Array {
  const distances = new Float64Array(count);
  const even = count - (count % 2);
  if (metric === 'l2') {
    for (let row = 0; row < even; row += 2) euclideanOfTwo(query, rows, row, distances);
    if (even < count) distances[even] = euclidean(query, rows, even);
    return distances;
  }
  const length = Math.sqrt(squaredLength(query));
  for (let row = 0; row < even; row += 2) cosineOfTwo(query, length, rows, row, distances);
  if (even < count) distances[even] = cosine(query, length, rows, even);
  return distances;
}

function squaredLength(vector: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += (vector[i] as number) * (vector[i] as number);
  return sum;
}

function euclideanOfTwo(query: Float32Array, rows: Float32Array, row: number, distances: Float64Array): void {
  const dimension = query.length;
  const first = row * dimension;
  const second = first + dimension;
  let sum = 0;
  let secondSum = 0;
  for (let i = 0; i < dimension; i++) {
    const x = query[i] as number;
    const difference = x - (rows[first + i] as number);
    const secondDifference = x - (rows[second + i] as number);
    sum += difference * difference;
    secondSum += secondDifference * secondDifference;
  }
  distances[row] = Math.sqrt(sum);
  distances[row + 1] = Math.sqrt(secondSum);
}

function euclidean(query: Float32Array, rows: Float32Array, row: number): number {
  const at = row * query.length;
  let sum = 0;
  for (let i = 0; i < query.length; i++) {
    const difference = (query[i] as number) - (rows[at + i] as number);
    sum += difference * difference;
  }
  return Math.sqrt(sum);
}

function cosineOfTwo(
  query: Float32Array,
  queryLength: number,
  rows: Float32Array,
  row: number,
  distances: Float64Array,
): void {
  const dimension = query.length;
  const first = row * dimension;
  const second = first + dimension;
  let dot = 0;
  let squares = 0;
  let secondDot = 0;
  let secondSquares = 0;
  for (let i = 0; i < dimension; i++) {
    const x = query[i] as number;
    const y = rows[first + i] as number;
    const z = rows[second + i] as number;
    dot += x * y;
    squares += y * y;
    secondDot += x * z;
    secondSquares += z * z;
  }
  distances[row] = toCosineDistance(dot, queryLength, squares);
  distances[row + 1] = toCosineDistance(secondDot, queryLength, secondSquares);
}

function cosine(query: Float32Array, queryLength: number, rows: Float32Array, row: number): number {
  const at = row * query.length;
  let dot = 0;
  let squares = 0;
  for (let i = 0; i < query.length; i++) {
    const y = rows[at + i] as number;
    dot += (query[i] as number) * y;
    squares += y * y;
  }
  return toCosineDistance(dot, queryLength, squares);
}

function toCosineDistance(dot: number, queryLength: number, squares: number): number {
  return queryLength === 0 || squares === 0 ? 1 : 1 - dot / (queryLength * Math.sqrt(squares));
}
