import type { Bounds } from './bounds.js';
import { type CandidateBuffer, kthSmallest, sortPairs } from './select.js';
import type { TableRows } from './table-rows.js';

/** Result of a scan. `ids` and `lowerBounds` have the same order. */
export interface ScanResult {
  /**
   * Every row that can be among the k nearest, most promising first (ascending `lowerBounds`, then id). Contains all k
   * nearest by canonical distance, and every row that could tie with the k-th.
   */
  readonly ids: Float64Array;
  /**
   * Proven lower bound of the canonical distance of each candidate. A caller that fetches in several steps may stop at
   * the first bound above the k-th distance measured so far.
   */
  readonly lowerBounds: Float64Array;
  /** Proven upper bound of the k-th smallest canonical distance; Infinity when k > rows. */
  readonly upperBound: number;
  /** Number of rows in the table. */
  readonly rows: number;
  /** Number of rows that passed the quick test and had their interval computed. */
  readonly examined: number;
}

/** Converts the remaining candidates of a scan to its result. */
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
  // Adding the constant 1 of the cosine rounds; one more step outwards keeps the bounds valid.
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

/** Empty result, for k = 0 or an empty table. */
export function noRows({ count }: TableRows, k: number): ScanResult {
  const none = new Float64Array(0);
  const upperBound = k === 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return { ids: none, lowerBounds: none, upperBound, rows: count, examined: 0 };
}

/** Result of a query equally far from everything: ids alone decide. */
export function smallestIds(
  { metric, rows, count }: TableRows,
  k: number,
  isWanted: (id: number) => boolean = () => true,
): ScanResult {
  let ids = rows.ids(count).filter((id) => isWanted(id));
  const isAll = k > ids.length;
  if (k < ids.length) {
    const last = kthSmallest(ids.slice(), ids.length, k);
    ids = ids.filter((id) => id <= last);
  }
  const same = metric === 'cosine' ? 1 : 0;
  return {
    ids: ids.sort(),
    lowerBounds: new Float64Array(ids.length).fill(same),
    upperBound: isAll ? Number.POSITIVE_INFINITY : same,
    rows: count,
    examined: 0,
  };
}
