/**
 * Bounds of the length for which the engine's cosine is accurate. It is computed in float32, where the square of a shorter
 * or longer length underflows or overflows. Vectors of embedding models have a length near 1.
 */
const MIN_LENGTH = 1e-12;
const MAX_LENGTH = 1e12;

/** Returns true if the engine's cosine of this vector is inaccurate: its length is zero or far from 1. */
export function isUnscaled(vector: Float32Array): boolean {
  // Four sums, because each addition waits for the previous one; the last digits do not matter here.
  let [a, b, c, d] = [0, 0, 0, 0];
  const fours = vector.length & ~3;
  for (let i = 0; i < fours; i += 4) {
    a += (vector[i] as number) ** 2;
    b += (vector[i + 1] as number) ** 2;
    c += (vector[i + 2] as number) ** 2;
    d += (vector[i + 3] as number) ** 2;
  }
  for (let i = fours; i < vector.length; i++) a += (vector[i] as number) ** 2;
  return isUnscaledLength(Math.sqrt(a + b + c + d));
}

/** {@link isUnscaled} for a vector whose length is known. */
export function isUnscaledLength(length: number): boolean {
  return !(length >= MIN_LENGTH && length <= MAX_LENGTH);
}

/** Returns the Euclidean length, computed in float64. */
export function lengthOf(vector: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) {
    const component = vector[i] as number;
    sum += component * component;
  }
  return Math.sqrt(sum);
}

/** Returns the vector scaled to length 1, rounded to float32. */
export function toUnitLength(vector: Float32Array): Float32Array {
  const length = lengthOf(vector);
  return vector.map((component) => component / length);
}
