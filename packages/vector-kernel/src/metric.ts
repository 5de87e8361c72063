/**
 * Distance metric. Smaller is nearer, for every metric:
 *
 * - `cosine`: 1 − a·b / (|a| |b|), and 1 when either norm is 0
 * - `l2`: √Σ(a−b)²
 * - `dot`: −a·b
 */
export type Metric = 'cosine' | 'l2' | 'dot';

/** All metrics; the position is the number stored in a block. */
export const METRICS: readonly Metric[] = ['cosine', 'l2', 'dot'];

/** The largest dimension for which the error bounds are proven. */
export const MAX_DIMENSION = 4096;

export function assertMetric(metric: Metric): void {
  if (!METRICS.includes(metric)) {
    throw new TypeError(`Unknown metric ${JSON.stringify(metric)}; use one of ${METRICS.join(', ')}`);
  }
}

export function assertDimension(dimension: number): void {
  if (!Number.isInteger(dimension) || dimension < 1 || dimension > MAX_DIMENSION) {
    throw new RangeError(`The dimension must be a whole number from 1 to ${MAX_DIMENSION}, not ${dimension}`);
  }
}
