import { quantileSorted } from 'simple-statistics';
import { below, type Random } from './random.js';

/** An estimate with its 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Returns the `p` quantile of numbers in any order; NaN for none. */
export function quantile(numbers: readonly number[] | Float64Array, p: number): number {
  if (numbers.length === 0) return Number.NaN;
  return quantileSorted(Float64Array.from(numbers).sort() as unknown as number[], p);
}

/**
 * Bootstrap interval (percentile method) of a statistic over groups that are drawn whole: repeated measurements of one
 * query are not independent of each other.
 *
 * @param statistic Computes the statistic from the indexes of the drawn groups.
 */
export function bootstrap(
  groups: number,
  statistic: (drawn: Int32Array) => number,
  { resamples, random }: { readonly resamples: number; readonly random: Random },
): Estimate {
  const drawn = Int32Array.from({ length: groups }, (_, index) => index);
  const value = statistic(drawn);
  if (groups < 2) return { value, low: value, high: value };
  const values = new Float64Array(resamples);
  for (let round = 0; round < resamples; round++) {
    for (let i = 0; i < groups; i++) drawn[i] = below(random, groups);
    values[round] = statistic(drawn);
  }
  return { value, low: quantile(values, 0.025), high: quantile(values, 0.975) };
}

/** Mean of numbers with its bootstrap interval; NaN for none. */
export function meanWithInterval(
  numbers: readonly number[],
  settings: { readonly resamples: number; readonly random: Random },
): Estimate {
  if (numbers.length === 0) return { value: Number.NaN, low: Number.NaN, high: Number.NaN };
  const meanOf = (drawn: Int32Array) => {
    let sum = 0;
    for (const index of drawn) sum += numbers[index] as number;
    return sum / drawn.length;
  };
  return bootstrap(numbers.length, meanOf, settings);
}
