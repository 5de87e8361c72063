import { roundUpToFloat32 } from './float32.js';
import type { Metric } from './metric.js';

// Scalar quantization: a row x is stored as s·c with 8-bit integers c and one scale s, a query as t·Q with integers of
// up to 16 bits. Each row is quantized independently of the others, so any process may do any part of it.
//
// For 'cosine' the unit vector x/|x| is approximated, for the others x itself. The residual norm e ≥ |x − s·c| is
// stored with each row, rounded up: it makes the search certain (src/bounds.ts).

/** Largest magnitude of a code. Symmetric, so that −x has the negated codes of x. */
const CODE_LIMIT = 127;

/**
 * Exceeds all rounding errors in any one chain of float64 operations here, relative to the sum of the magnitudes that
 * enter it: these are below 2·(dimension + 16)·2⁻⁵³ < 2⁻³⁹ at 4,096 dimensions.
 */
export const ROUNDING = 2 ** -38;

/** Values stored for a row beside its codes. */
export interface RowFacts {
  /** s, a float32 ≥ 0: the row is approximately s·c. */
  scale: number;
  /** e, a float32: at least the Euclidean norm of the residual x − s·c. */
  error: number;
  /** Σc², exact. */
  codeNorm: number;
}

/**
 * Quantizes the row at `offset` of `vectors`; writes codes to `codes` at `codesOffset`, and the rest to `facts`.
 *
 * @throws RangeError if a component is NaN or infinite.
 */
export function quantizeRow(
  vectors: Float32Array,
  offset: number,
  dimension: number,
  metric: Metric,
  codes: Int8Array,
  codesOffset: number,
  facts: RowFacts,
): void {
  let largest = 0;
  let norm = 0;
  for (let j = 0; j < dimension; j++) {
    const value = vectors[offset + j] as number;
    const magnitude = Math.abs(value);
    // Negated so that NaN fails too.
    if (!(magnitude < Number.POSITIVE_INFINITY)) throw notFinite(value, j);
    if (magnitude > largest) largest = magnitude;
    norm += value * value;
  }
  if (largest === 0) {
    codes.fill(0, codesOffset, codesOffset + dimension);
    facts.scale = 0;
    facts.error = 0;
    facts.codeNorm = 0;
    return;
  }
  const perUnit = CODE_LIMIT / largest;
  let alignment = 0;
  let codeNorm = 0;
  for (let j = 0; j < dimension; j++) {
    const value = vectors[offset + j] as number;
    // Rounds half up; the sum is positive, so truncation equals floor.
    const code = ((value * perUnit + (CODE_LIMIT + 1.5)) | 0) - (CODE_LIMIT + 1);
    codes[codesOffset + j] = code;
    alignment += value * code;
    codeNorm += code * code;
  }
  // The scale that minimizes the residual and makes it orthogonal to c. (Least squares: s = x·c / c·c.)
  const unit = metric === 'cosine' ? 1 / Math.sqrt(norm) : 1;
  const scale = Math.fround((alignment / codeNorm) * unit);
  let residual = 0;
  for (let j = 0; j < dimension; j++) {
    const left = (vectors[offset + j] as number) * unit - scale * (codes[codesOffset + j] as number);
    residual += left * left;
  }
  // For 'cosine' the normalization itself is rounded: an absolute slack, on a vector of length 1.
  const slack = metric === 'cosine' ? ROUNDING : 0;
  facts.scale = scale;
  facts.error = roundUpToFloat32(Math.sqrt(residual) * (1 + ROUNDING) + slack);
  facts.codeNorm = codeNorm;
}

/** A query, ready to be compared with codes. */
export interface QuantizedQuery {
  /** Q: one 16-bit integer per dimension. */
  readonly codes: Int16Array;
  /** t: the query (for 'cosine' divided by its norm) is approximately t·Q. */
  readonly scale: number;
  /** |t·Q|². */
  readonly normSquared: number;
  /** At least the norm of the query's residual, q − t·Q. */
  readonly error: number;
  /** True if every component of the query is 0. */
  readonly isZero: boolean;
}

/**
 * Largest magnitude of a query code for which Σ c·Q over all dimensions provably fits into 32 bits, in any order of
 * summation: 128 · limit · dimension ≤ 2³¹ − 1. (128 rather than 127, so that it holds for arbitrary bytes.) 32,767 up
 * to dimension 512, 21,845 at 768, 4,095 at 4,096.
 */
export function queryCodeLimit(dimension: number): number {
  return Math.min(32767, Math.floor((2 ** 31 - 1) / (128 * dimension)));
}

/** @throws RangeError if a component is NaN or infinite. */
export function quantizeQuery(query: Float32Array, metric: Metric): QuantizedQuery {
  const dimension = query.length;
  const codes = new Int16Array(dimension);
  let largest = 0;
  let norm = 0;
  for (let j = 0; j < dimension; j++) {
    const value = query[j] as number;
    const magnitude = Math.abs(value);
    if (!(magnitude < Number.POSITIVE_INFINITY)) throw notFinite(value, j);
    if (magnitude > largest) largest = magnitude;
    norm += value * value;
  }
  if (largest === 0) return { codes, scale: 0, normSquared: 0, error: 0, isZero: true };

  const limit = queryCodeLimit(dimension);
  const perUnit = limit / largest;
  const unit = metric === 'cosine' ? 1 / Math.sqrt(norm) : 1;
  const scale = (largest / limit) * unit;
  let residual = 0;
  let codeNorm = 0;
  for (let j = 0; j < dimension; j++) {
    const value = query[j] as number;
    const code = ((value * perUnit + (limit + 1.5)) | 0) - (limit + 1);
    codes[j] = code;
    const left = value * unit - scale * code;
    residual += left * left;
    codeNorm += code * code;
  }
  const length = metric === 'cosine' ? 1 : Math.sqrt(norm);
  const error = Math.sqrt(residual) * (1 + ROUNDING) + ROUNDING * length;
  return { codes, scale, normSquared: scale * scale * codeNorm, error, isZero: false };
}

function notFinite(value: number, component: number): RangeError {
  return new RangeError(`Vectors must be finite: component ${component} is ${value}`);
}
