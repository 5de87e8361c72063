import type { Bounds } from './bounds.js';
import { type CandidateBuffer, kthSmallest, sortPairs } from './select.js';
import type { TableRows } from './table-rows.js';

/** What a scan found. `ids` and `lowerBounds` belong together. */
export interface ScanResult {
  /**
   * Every row that can be among the k nearest, most promising first (ascending `lowerBounds`, then id). All
   * k nearest by canonical distance are here, with every row that could tie with the k-th.
   */
  readonly ids: Float64Array;
  /**
   * For each candidate, a value that its canonical distance is certainly not below. A caller that fetches
   * in several steps may stop before the first one above the k-th distance it has already measured.
   */
  readonly lowerBounds: Float64Array;
  /** A value that the k-th smallest canonical distance is certainly not above; Infinity when k > rows. */
  readonly upperBound: number;
  /** Rows in the table at the time. */
  readonly rows: number;
  /** Rows that passed the quick test inside the scan and had their interval computed. */
  readonly examined: number;
}

/** The rows that are left when a scan is over, as its caller gets them. */
export function resultOf(
  { rows, count }: TableRows,
  candidates: CandidateBuffer,
  bounds: Bounds,
  examined: number,
): ScanResult {
  const found = candidates.count;
  const ids = new Float64Array(found);
  for (let at = 0; at < found; at++) ids[at] = rows.id(candidates.rows[at] as number);
  const lowerBounds = candidates.low.slice(0, found);
  sortPairs(lowerBounds, ids, found);
  // Adding the constant 1 of the cosine rounds; the bounds stay bounds with one more step outwards.
  const step = bounds.offset * 2 ** -51;
  for (let at = 0; at < found; at++) lowerBounds[at] = bounds.offset + (lowerBounds[at] as number) - step;
  return {
    ids,
    lowerBounds,
    upperBound: bounds.offset + candidates.threshold + step,
    rows: count,
    examined,
  };
}

/** No rows, because none were wanted or there are none. */
export function noRows({ count }: TableRows, k: number): ScanResult {
  const none = new Float64Array(0);
  const upperBound = k === 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return { ids: none, lowerBounds: none, upperBound, rows: count, examined: 0 };
}

/** The answer to a query that is at the same distance from everything, where ids alone decide. */
export function smallestIds({ metric, rows, count }: TableRows, k: number): ScanResult {
  let ids = rows.ids(count);
  if (k < ids.length) {
    const last = kthSmallest(ids.slice(), ids.length, k);
    ids = ids.filter((id) => id <= last);
  }
  const same = metric === 'cosine' ? 1 : 0;
  return {
    ids: ids.sort(),
    lowerBounds: new Float64Array(ids.length).fill(same),
    upperBound: k > count ? Number.POSITIVE_INFINITY : same,
    rows: count,
    examined: 0,
  };
}
