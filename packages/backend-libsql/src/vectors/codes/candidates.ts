import type { ScanResult } from '@switchyard/vector-kernel';

/** What can be among the nearest vectors of a version: everything else is certainly farther. */
export interface Candidates {
  readonly ids: Float64Array;
  /** What the distance of each is certainly not below, ascending. */
  readonly lowerBounds: Float64Array;
  /** How many of the first are to be measured at once; what they come to says which of the others can still win. */
  readonly promising: number;
}

/**
 * The k-th distance, which decides, lies near the middle between the k-th lower bound and the bound from above, since
 * what rounding leaves open is much the same for all vectors. A little farther than the middle, hardly a search needs a
 * second look, and hardly a vector is fetched that could have been spared.
 */
const BEYOND_THE_MIDDLE = 0.55;

/** The candidates of one scan for the `limit` nearest. */
export function candidatesOf({ ids, lowerBounds, upperBound }: ScanResult, limit: number): Candidates {
  const last = lowerBounds[limit - 1];
  const promising =
    last === undefined
      ? ids.length
      : reach(lowerBounds, limit, last + (upperBound - last) * BEYOND_THE_MIDDLE);
  return { ids, lowerBounds, promising };
}

/** Up to where candidates can be no farther than this, or tie with it, those before `done` left aside. */
export function reach(lowerBounds: Float64Array, done: number, distance: number): number {
  let end = done;
  while (end < lowerBounds.length && (lowerBounds[end] as number) <= distance) end += 1;
  return end;
}
