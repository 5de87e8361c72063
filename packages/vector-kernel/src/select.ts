/**
 * The k-th smallest of the first `count` values (k from 1), rearranging them. Hoare's FIND (1961) with the
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

/**
 * The rows that may still be among the k nearest. It holds an interval for each, and drops a row once k
 * others are certainly nearer. It tidies itself up whenever it has doubled, so that adding n rows costs O(n)
 * and the memory stays near the number of candidates, not of rows.
 */
export class CandidateBuffer {
  /** The k-th smallest upper end so far: whoever's lower end is above it is out. Never grows. */
  threshold = Number.POSITIVE_INFINITY;
  count = 0;
  rows: Uint32Array;
  products: Int32Array;
  low: Float64Array;
  high: Float64Array;
  readonly #k: number;
  readonly #smallestLimit: number;
  #limit: number;
  #scratch: Float64Array;

  /** @param k at least 1 */
  constructor(k: number, rowsInTable: number) {
    this.#k = k;
    this.#smallestLimit = Math.max(64, 2 * Math.min(k, rowsInTable));
    this.#limit = this.#smallestLimit;
    this.rows = new Uint32Array(this.#limit);
    this.products = new Int32Array(this.#limit);
    this.low = new Float64Array(this.#limit);
    this.high = new Float64Array(this.#limit);
    this.#scratch = new Float64Array(this.#limit);
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

  /** Lowers the threshold to what the rows held allow, and drops those beyond it. */
  tidy(): void {
    if (this.count >= this.#k) {
      this.#scratch.set(this.high.subarray(0, this.count));
      this.threshold = Math.min(this.threshold, kthSmallest(this.#scratch, this.count, this.#k));
      this.keep((at) => (this.low[at] as number) <= this.threshold);
    }
    this.#limit = Math.max(this.#smallestLimit, 2 * this.count);
    if (this.#limit > this.rows.length) this.#reserve(this.#limit);
  }

  /** Keeps the entries for which `wanted` holds, in their order. */
  keep(wanted: (at: number) => boolean): void {
    let kept = 0;
    for (let at = 0; at < this.count; at++) {
      if (!wanted(at)) continue;
      this.rows[kept] = this.rows[at] as number;
      this.products[kept] = this.products[at] as number;
      this.low[kept] = this.low[at] as number;
      this.high[kept] = this.high[at] as number;
      kept++;
    }
    this.count = kept;
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
