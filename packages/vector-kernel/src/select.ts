/**
 * Returns the k-th smallest of the first `count` values (k from 1) and rearranges them. Hoare's FIND (1961) with the
 * median of three as pivot: O(count) on average.
 */
export function kthSmallest(values: Float64Array, count: number, k: number): number {
  let left = 0;
  let right = count - 1;
  const target = k - 1;
  while (left < right) {
    const a = values[left] as number;
    const b = values[(left + right) >>> 1] as number;
    const c = values[right] as number;
    const pivot = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    let i = left;
    let j = right;
    while (i <= j) {
      while ((values[i] as number) < pivot) i++;
      while ((values[j] as number) > pivot) j--;
      if (i <= j) {
        const swap = values[i] as number;
        values[i] = values[j] as number;
        values[j] = swap;
        i++;
        j--;
      }
    }
    if (target <= j) right = j;
    else if (target >= i) left = i;
    else break;
  }
  return values[target] as number;
}

/** Maximum number of rows of a buffer that is kept for the next scan. */
const MAX_KEPT_ROWS = 8192;

/**
 * Rows that may still be among the k nearest, with an interval for each. A row is dropped once k others are certainly
 * nearer. Compacts itself whenever it has doubled, so that adding n rows costs O(n) and memory stays proportional to the
 * number of candidates, not of rows.
 */
export class CandidateBuffer {
  /** k-th smallest upper bound so far; rows whose lower bound exceeds it are rejected. Never grows. */
  threshold = Number.POSITIVE_INFINITY;
  count = 0;
  rows: Uint32Array;
  products: Int32Array;
  low: Float64Array;
  high: Float64Array;
  #k = 1;
  #smallestLimit = 0;
  #limit = 0;
  #scratch: Float64Array;

  /** Buffer lent to the next scan. Scans are synchronous, so one is usually enough. */
  static #spare: CandidateBuffer | undefined;

  /**
   * Lends an empty buffer, which the caller must {@link giveBack}: allocating one takes as long as a hundred intervals.
   *
   * @param k At least 1.
   */
  static lend(k: number, rowsInTable: number): CandidateBuffer {
    const buffer = CandidateBuffer.#spare ?? new CandidateBuffer();
    CandidateBuffer.#spare = undefined;
    buffer.#begin(k, rowsInTable);
    return buffer;
  }

  private constructor() {
    this.rows = new Uint32Array(0);
    this.products = new Int32Array(0);
    this.low = new Float64Array(0);
    this.high = new Float64Array(0);
    this.#scratch = new Float64Array(0);
  }

  giveBack(): void {
    if (this.rows.length <= MAX_KEPT_ROWS) CandidateBuffer.#spare = this;
  }

  #begin(k: number, rowsInTable: number): void {
    this.threshold = Number.POSITIVE_INFINITY;
    this.count = 0;
    this.#k = k;
    this.#smallestLimit = Math.max(64, 2 * Math.min(k, rowsInTable));
    this.#limit = this.#smallestLimit;
    if (this.#limit > this.rows.length) this.#reserve(this.#limit);
  }

  add(row: number, product: number, low: number, high: number): void {
    if (low > this.threshold) return;
    if (this.count === this.#limit) {
      this.tidy();
      if (low > this.threshold) return;
    }
    const at = this.count++;
    this.rows[at] = row;
    this.products[at] = product;
    this.low[at] = low;
    this.high[at] = high;
  }

  /** Lowers the threshold as far as the rows permit, and rejects rows beyond it. */
  tidy(): void {
    if (this.count >= this.#k) {
      this.#scratch.set(this.high.subarray(0, this.count));
      this.threshold = Math.min(this.threshold, kthSmallest(this.#scratch, this.count, this.#k));
      let kept = 0;
      for (let at = 0; at < this.count; at++) {
        if ((this.low[at] as number) <= this.threshold) this.#move(at, kept++);
      }
      this.count = kept;
    }
    this.#limit = Math.max(this.#smallestLimit, 2 * this.count);
    if (this.#limit > this.rows.length) this.#reserve(this.#limit);
  }

  /** Keeps the entries that satisfy `wanted`, in order. */
  keep(wanted: (at: number) => boolean): void {
    let kept = 0;
    for (let at = 0; at < this.count; at++) if (wanted(at)) this.#move(at, kept++);
    this.count = kept;
  }

  #move(from: number, to: number): void {
    this.rows[to] = this.rows[from] as number;
    this.products[to] = this.products[from] as number;
    this.low[to] = this.low[from] as number;
    this.high[to] = this.high[from] as number;
  }

  #reserve(capacity: number): void {
    const rows = new Uint32Array(capacity);
    const products = new Int32Array(capacity);
    const low = new Float64Array(capacity);
    const high = new Float64Array(capacity);
    rows.set(this.rows);
    products.set(this.products);
    low.set(this.low);
    high.set(this.high);
    this.rows = rows;
    this.products = products;
    this.low = low;
    this.high = high;
    this.#scratch = new Float64Array(capacity);
  }
}

/**
 * Sorts the first `count` pairs by ascending value, equal values by id (Williams' heapsort, 1964): in place, without an
 * object for each pair. Internal: exported so that the libSQL backend ranks by the same order.
 */
export function sortPairs(values: Float64Array, ids: Float64Array, count: number): void {
  for (let root = (count >>> 1) - 1; root >= 0; root--) siftDown(values, ids, root, count);
  for (let end = count - 1; end > 0; end--) {
    const value = values[0] as number;
    const id = ids[0] as number;
    values[0] = values[end] as number;
    ids[0] = ids[end] as number;
    values[end] = value;
    ids[end] = id;
    siftDown(values, ids, 0, end);
  }
}

function siftDown(values: Float64Array, ids: Float64Array, root: number, end: number): void {
  const value = values[root] as number;
  const id = ids[root] as number;
  let hole = root;
  for (let child = 2 * hole + 1; child < end; child = 2 * hole + 1) {
    if (
      child + 1 < end &&
      isLess(
        values[child] as number,
        ids[child] as number,
        values[child + 1] as number,
        ids[child + 1] as number,
      )
    )
      child += 1;
    if (!isLess(value, id, values[child] as number, ids[child] as number)) break;
    values[hole] = values[child] as number;
    ids[hole] = ids[child] as number;
    hole = child;
  }
  values[hole] = value;
  ids[hole] = id;
}

function isLess(value: number, id: number, otherValue: number, otherId: number): boolean {
  return value < otherValue || (value === otherValue && id < otherId);
}
