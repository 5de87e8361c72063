import { randomBits } from './random.js';

/** Options of {@link randomizationTest}. */
export interface RandomizationOptions {
  /** Seed of the resamples. Default 1. */
  readonly seed?: number | undefined;
  /** Number of random sign assignments; with few enough differences all of them are counted instead. Default 100,000. */
  readonly resamples?: number | undefined;
}

/** Sums closer to the observed one than this, relative to the sum of all differences, count as equal to it. */
const TOLERANCE = 1e-12;

/**
 * Paired randomization test (Fisher; for retrieval Smucker, Allan and Carterette, CIKM 2007): the share of sign
 * assignments of the differences whose mean is at least as far from 0 as the observed one. Two-sided.
 *
 * @returns The p-value; 1 without differences.
 */
export function randomizationTest(
  differences: readonly number[],
  { seed = 1, resamples = 100_000 }: RandomizationOptions = {},
): number {
  const sizes = differences.map(Math.abs).filter((size) => size > 0);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const observed = Math.abs(differences.reduce((sum, difference) => sum + difference, 0));
  const isExtreme = (sum: number) => Math.abs(sum) >= observed - TOLERANCE * total;
  if (2 ** sizes.length <= resamples) {
    const assignments = 2 ** sizes.length;
    let extreme = 0;
    for (let signs = 0; signs < assignments; signs++) {
      if (isExtreme(signedSum(sizes, () => signs))) extreme += 1;
    }
    return extreme / assignments;
  }
  const next = randomBits(seed);
  let extreme = 0;
  for (let sample = 0; sample < resamples; sample++) {
    if (isExtreme(signedSum(sizes, next))) extreme += 1;
  }
  // The observed assignment is one of the possible ones: p is never 0.
  return (extreme + 1) / (resamples + 1);
}

/** Sums the sizes with signs from random bits, 32 at a time. */
function signedSum(sizes: readonly number[], next: () => number): number {
  let sum = 0;
  let bits = 0;
  for (let index = 0; index < sizes.length; index++) {
    bits = index % 32 === 0 ? next() : bits >>> 1;
    sum += bits & 1 ? (sizes[index] as number) : -(sizes[index] as number);
  }
  return sum;
}
