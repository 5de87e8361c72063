import type { VectorSpace } from './profile.js';

/** Upper bound of a float32 distance d: `d × factor + summand`. */
export interface Float32Bound {
  readonly factor: number;
  readonly summand: number;
}

/**
 * Bounds the error of distances that the engine computes in float32. If one vector has the float32 distance d, every
 * vector that is not farther has a float32 distance of at most `d × factor + summand`.
 *
 * A float32 sum of n products is off by at most n + 1 roundings of u = 2⁻²⁴ (Higham, Accuracy and Stability of
 * Numerical Algorithms, section 3.1). A cosine consists of three such sums and a few more roundings, together below
 * (2n + 8)u in absolute terms, of which 2u are for scaling the query to length 1. The square root of a sum of squares is
 * off by less than (n / 2 + 4)u in relative terms; the summand covers squares that underflow. Both distances may be off,
 * so the bound is twice that.
 */
export function float32Bound({ metric, dimension }: VectorSpace): Float32Bound {
  const u = 2 ** -24;
  return metric === 'cosine'
    ? { factor: 1, summand: 2 * (2 * dimension + 8) * u }
    : { factor: 1 + 2 * (dimension / 2 + 4) * u * 1.01, summand: 1e-18 * Math.sqrt(dimension) };
}
