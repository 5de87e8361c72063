import { createRandom } from '../harness/random.js';

/**
 * Changes the dimension of vectors by a fixed random matrix with orthonormal rows or columns. To more components it is
 * a rotation: all distances are kept, spread over all components. To fewer it is a random projection (Johnson and
 * Lindenstrauss), which keeps distances approximately.
 *
 * @returns The same number of vectors, of length 1, one after the other.
 */
export function project(
  vectors: readonly Float32Array[],
  from: number,
  to: number,
): Float32Array<ArrayBuffer> {
  const projected = new Float32Array(vectors.length * to);
  const matrix = from === to ? null : orthonormal(Math.min(from, to), Math.max(from, to));
  for (const [index, vector] of vectors.entries()) {
    const target = projected.subarray(index * to, (index + 1) * to);
    if (matrix === null) target.set(vector);
    else if (to < from) multiplyRows(matrix, vector, target);
    else addRows(matrix, vector, target);
    normalize(target);
  }
  return projected;
}

/** Scales a vector to length 1. */
export function normalize(vector: Float32Array): void {
  let sum = 0;
  for (const component of vector) sum += component * component;
  const factor = sum === 0 ? 0 : 1 / Math.sqrt(sum);
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) * factor;
}

/** Gram–Schmidt over normally distributed rows. */
function orthonormal(rows: number, columns: number): readonly Float32Array[] {
  const random = createRandom(rows * 10_007 + columns);
  const basis: Float32Array[] = [];
  for (let row = 0; row < rows; row++) {
    const vector = Float32Array.from({ length: columns }, () => random.normal());
    for (const earlier of basis) {
      const along = dot(vector, earlier);
      for (let i = 0; i < columns; i++) vector[i] = (vector[i] as number) - along * (earlier[i] as number);
    }
    normalize(vector);
    basis.push(vector);
  }
  return basis;
}

function multiplyRows(matrix: readonly Float32Array[], vector: Float32Array, target: Float32Array): void {
  for (let row = 0; row < target.length; row++) target[row] = dot(matrix[row] as Float32Array, vector);
}

function addRows(matrix: readonly Float32Array[], vector: Float32Array, target: Float32Array): void {
  for (let row = 0; row < vector.length; row++) {
    const weight = vector[row] as number;
    const direction = matrix[row] as Float32Array;
    for (let i = 0; i < target.length; i++)
      target[i] = (target[i] as number) + weight * (direction[i] as number);
  }
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
