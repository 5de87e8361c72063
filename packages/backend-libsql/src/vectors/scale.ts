/**
 * The engine computes a cosine in float32, where the square of a length outside these bounds overflows or loses digits.
 * Vectors of embedding models have a length near 1.
 */
const SHORTEST = 1e-12;
const LONGEST = 1e12;

/** Whether the engine's cosine of this vector is not to be trusted: a length of zero, or one far from 1. */
export function isUnscaled(vector: Float32Array): boolean {
  return isUnscaledLength(lengthOf(vector));
}

/** The same for a vector whose length is known. */
export function isUnscaledLength(length: number): boolean {
  return !(length >= SHORTEST && length <= LONGEST);
}

/** The Euclidean length, in float64. */
export function lengthOf(vector: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) {
    const component = vector[i] as number;
    sum += component * component;
  }
  return Math.sqrt(sum);
}

/** The vector brought to a length of 1, within float32. */
export function toUnitLength(vector: Float32Array): Float32Array {
  const length = lengthOf(vector);
  return vector.map((component) => component / length);
}
