import type { ScanResult } from '@switchyard/vector-kernel';

/** Vectors of a version that can be among the nearest: all others are certainly farther. */
export interface Candidates {
  readonly ids: Float64Array;
  /** Lower bounds of their distances, ascending. */
  readonly lowerBounds: Float64Array;
  /** Number of first candidates to measure at once; their distances decide which of the others can still win. */
  readonly promising: number;
}

/**
 * Share of the way from the k-th lower bound to the upper bound of the scan up to which candidates are promising. The k-th
 * distance lies near the middle, because quantization errors of all vectors are similar. A little beyond the middle, few
 * searches need a second statement, and few vectors are fetched in vain.
 */
const PROMISING_SHARE = 0.55;

/** Returns the candidates of a scan for the `limit` nearest. */
export function candidatesOf({ ids, lowerBounds, upperBound }: ScanResult, limit: number): Candidates {
  const last = lowerBounds[limit - 1];
  const promising =
    last === undefined ? ids.length : reach(lowerBounds, limit, last + (upperBound - last) * PROMISING_SHARE);
  return { ids, lowerBounds, promising };
}

/** Returns the end of the candidates from `done` on whose lower bound does not exceed the distance. */
export function reach(lowerBounds: Float64Array, done: number, distance: number): number {
  let end = done;
  while (end < lowerBounds.length && (lowerBounds[end] as number) <= distance) end += 1;
  return end;
}
