import type { Metric } from './metric.js';
import { type QuantizedQuery, ROUNDING } from './quantize.js';

// Turns I = Σ c·Q, which the scan computes exactly, into an interval that certainly contains the canonical distance.
// docs/concepts/vector-search.md derives every line, with the same letters:
//
//   q = the query (unit length for cosine)    q̃ = t·Q, its approximation    |q − q̃| ≤ eq
//   x = the row (unit length for cosine)      x̃ = s·c, its approximation    r = x − x̃, |r| ≤ e
//   P = q̃·x̃ = t·s·I
//
// The direction that q̃ has in common with c cannot meet r, which is orthogonal to c (least squares) but for
// the rounding of s. So Cauchy–Schwarz needs only the part of q̃ orthogonal to c, of length p:
//   |q̃·r| ≤ p·e + |q̃|·ρ,   p² = |q̃|² − (P/|x̃|)²,   ρ = |c|·(rounding of s)

/** An interval that holds a canonical distance; for 'cosine' without the constant 1 (see `offset`). */
export interface Interval {
  low: number;
  high: number;
}

/** The constants of the quick test inside the scan, which needs no square root. */
export interface InnerProductFilter {
  readonly slackPerScale: number;
  readonly slackPerError: number;
}

/** Largest magnitude of a stored code, rounded up to a power of two. */
const CODE_MAGNITUDE = 128;
const FLOAT32_HALF_STEP = 2 ** -23;
const FLOAT32_SMALLEST = 2 ** -149;

export class Bounds {
  /** Constant that turns an interval into the canonical distance: 1 for 'cosine', else 0. */
  readonly offset: number;
  readonly #euclidean: boolean;
  readonly #scale: number;
  readonly #norm: number;
  readonly #normSquared: number;
  readonly #error: number;
  readonly #innerProduct: InnerProductFilter;

  constructor(query: QuantizedQuery, metric: Metric, dimension: number) {
    this.offset = metric === 'cosine' ? 1 : 0;
    this.#euclidean = metric === 'l2';
    this.#scale = query.scale;
    this.#normSquared = query.normSquared;
    this.#norm = Math.sqrt(query.normSquared);
    this.#error = query.error;
    // |x̃| ≤ s·128·√dimension, and |q·x − P| ≤ |q̃|·e + eq·(|x̃| + e) plus rounding: linear in s and e.
    const longest = CODE_MAGNITUDE * Math.sqrt(dimension);
    const rounding = 2 * ROUNDING * (this.#norm + query.error);
    this.#innerProduct = {
      slackPerScale: (query.error + rounding) * longest * (1 + ROUNDING),
      slackPerError: (this.#norm + query.error + rounding) * (1 + ROUNDING),
    };
  }

  get innerProductFilter(): InnerProductFilter {
    return this.#innerProduct;
  }

  /** Factor by which the quick Euclidean test shrinks squares, to stay a lower bound despite rounding. */
  get shrink(): number {
    return 1 - ROUNDING;
  }

  /** Rows whose inner product is certainly below this are certainly farther than `threshold`. */
  innerProductFloor(threshold: number): number {
    return -threshold;
  }

  /** Rows with |q̃ − x̃| > reach + e are certainly farther than `threshold`. */
  euclideanReach(threshold: number): number {
    return (threshold + this.#error) * (1 + 2 * ROUNDING);
  }

  /** Fills `interval` for a row with scale `s`, error `e`, code norm Σc² and integer product `I`. */
  interval(s: number, e: number, codeNorm: number, integerProduct: number, interval: Interval): void {
    const codeLength = Math.sqrt(codeNorm);
    const rowLength = s * codeLength;
    const product = this.#scale * s * integerProduct;
    const common = rowLength > 0 ? product / rowLength : 0;
    const p = Math.sqrt(Math.max(0, this.#normSquared * (1 + ROUNDING) - common * common));
    const rho = (FLOAT32_HALF_STEP * s + FLOAT32_SMALLEST) * codeLength;
    if (this.#euclidean) this.#euclideanInterval(e, rowLength, product, p, rho, interval);
    else this.#innerProductInterval(e, rowLength, product, p, rho, interval);
  }

  #innerProductInterval(
    e: number,
    rowLength: number,
    product: number,
    p: number,
    rho: number,
    interval: Interval,
  ): void {
    const rounding = ROUNDING * (this.#norm + this.#error) * (rowLength + e);
    const radius = (p * e + this.#norm * rho + this.#error * (rowLength + e) + rounding) * (1 + ROUNDING);
    interval.low = -product - radius;
    interval.high = -product + radius;
  }

  #euclideanInterval(
    e: number,
    rowLength: number,
    product: number,
    p: number,
    rho: number,
    interval: Interval,
  ): void {
    const magnitude = this.#normSquared + rowLength * rowLength;
    const rounding = ROUNDING * magnitude;
    // |q̃ − x̃|², and from it |q̃ − x|² = |q̃ − x̃|² + |r|² − 2 (q̃ − x̃)·r.
    const squared = Math.max(0, magnitude - 2 * product);
    const skew = 2 * Math.sqrt(squared + rounding) * rho;
    const high = squared + rounding + e * (e + 2 * p) + skew;
    // |r|² − 2p|r| falls until |r| = p, and |r| is only known to be at most e.
    const t = Math.min(e, p);
    const low = squared - rounding - t * (2 * p - t) - skew;
    interval.high = (Math.sqrt(high) + this.#error) * (1 + ROUNDING);
    interval.low =
      low > 0
        ? Math.max(0, Math.sqrt(low) * (1 - ROUNDING) - this.#error * (1 + ROUNDING)) * (1 - ROUNDING)
        : 0;
  }
}
