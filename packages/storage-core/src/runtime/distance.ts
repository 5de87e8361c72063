import type { Metric } from '../values/profile.js';

/**
 * Returns the distance of two vectors of equal length, computed in float64: see `VectorHit.distance`. Engines round the
 * last digits differently; if two chunks are that close, this function decides their order.
 *
 * @example
 * ```ts
 * distance('l2', Float32Array.of(0, 0), Float32Array.of(3, 4)); // 5
 * ```
 */
export function distance(metric: Metric, a: Float32Array, b: Float32Array): number {
  return metric === 'l2' ? euclidean(a, b) : cosine(a, b);
}

function euclidean(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    sum += difference * difference;
  }
  return Math.sqrt(sum);
}

function cosine(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i] as number;
    const y = b[i] as number;
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa === 0 || bb === 0 ? 1 : 1 - dot / (Math.sqrt(aa) * Math.sqrt(bb));
}
