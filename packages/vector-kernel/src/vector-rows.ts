import { defaultKernel, type Kernel, type KernelMemory } from './kernel.js';
import { assertDimension, type Metric } from './metric.js';

/** Options of {@link VectorRows}. */
export interface VectorRowsOptions {
  readonly dimension: number;
  /** Maximum number of rows. */
  readonly capacity: number;
  /** Implementation of the loops. Default: the fastest. */
  readonly kernel?: Kernel | undefined;
}

/** Rows that the loops take at a time. */
const ROWS_TOGETHER = 8;
const COMPONENTS_TOGETHER = 4;
/** Rows measured by one call of a loop. */
const BATCH = 512;

/**
 * Float32 rows in kernel memory, whose exact distances are computed there. Memory is reserved for all rows, and used by
 * those that were added.
 *
 * Sums are taken in float64, one component after the other: the bits of a plain loop, and not those of this package's
 * `distance`, which takes four sums.
 */
export class VectorRows {
  readonly dimension: number;
  readonly #capacity: number;
  readonly #components: number;
  readonly #memory: KernelMemory;
  /** Addresses. The query is at 0. */
  readonly #out: number;
  readonly #slots: number;
  readonly #rows: number;
  /** Σ row², which the cosine needs; NaN until then. */
  readonly #squares: Float64Array;
  #count = 0;

  /** @throws RangeError if the capacity exceeds the memory. */
  constructor({ dimension, capacity, kernel = defaultKernel() }: VectorRowsOptions) {
    assertDimension(dimension);
    this.dimension = dimension;
    this.#capacity = capacity;
    this.#components = Math.ceil(dimension / COMPONENTS_TOGETHER) * COMPONENTS_TOGETHER;
    this.#out = this.#components * Float64Array.BYTES_PER_ELEMENT;
    this.#slots = this.#out + BATCH * Float64Array.BYTES_PER_ELEMENT;
    this.#rows = this.#slots + BATCH * Uint32Array.BYTES_PER_ELEMENT;
    this.#memory = kernel.createMemory(
      this.#rows + capacity * this.#components * Float32Array.BYTES_PER_ELEMENT,
    );
    this.#squares = new Float64Array(capacity).fill(Number.NaN);
  }

  /** Number of rows. */
  get count(): number {
    return this.#count;
  }

  /** Size of the memory in bytes. */
  get byteLength(): number {
    return this.#memory.buffer.byteLength + this.#squares.byteLength;
  }

  /**
   * Adds rows, concatenated, and returns the number of the first.
   *
   * @throws RangeError if there is no room for them, or for a part of a row.
   */
  append(vectors: Float32Array): number {
    const { dimension } = this;
    const rows = vectors.length / dimension;
    if (!Number.isInteger(rows)) throw new RangeError(`${vectors.length} values are not whole rows`);
    if (this.#count + rows > this.#capacity)
      throw new RangeError(`No room for more than ${this.#capacity} rows`);
    const first = this.#count;
    for (let row = 0; row < rows; row++) {
      this.#floats(first + row, dimension).set(vectors.subarray(row * dimension, (row + 1) * dimension));
    }
    this.#count += rows;
    return first;
  }

  /**
   * Returns the distances of rows from a vector. Cosine: 1 if either has length 0.
   *
   * @param slots numbers of the rows, in any order
   * @returns NaN for a row that is not finite
   */
  distances(metric: Exclude<Metric, 'dot'>, query: Float32Array, slots: Int32Array): Float64Array {
    const { buffer } = this.#memory;
    new Float64Array(buffer, 0, query.length).set(query);
    const distances = new Float64Array(slots.length);
    const batch = new Uint32Array(buffer, this.#slots, BATCH);
    for (let from = 0; from < slots.length; from += BATCH) {
      const part = slots.subarray(from, from + BATCH);
      const padded = Math.ceil(part.length / ROWS_TOGETHER) * ROWS_TOGETHER;
      batch.fill(0, part.length, padded).set(part);
      const loop = metric === 'l2' ? 'squaredDistances' : 'dotProducts';
      this.#memory[loop](this.#rows, this.#components, this.#slots, padded, 0, this.#out);
      distances.set(new Float64Array(buffer, this.#out, part.length), from);
    }
    if (metric === 'l2') return distances.map(Math.sqrt);
    const length = Math.sqrt(sumOfSquares(query));
    for (let i = 0; i < slots.length; i++) {
      const squares = this.#squaresOf(slots[i] as number);
      distances[i] =
        length === 0 || squares === 0 ? 1 : 1 - (distances[i] as number) / (length * Math.sqrt(squares));
    }
    return distances;
  }

  #squaresOf(slot: number): number {
    const known = this.#squares[slot] as number;
    if (!Number.isNaN(known)) return known;
    const squares = sumOfSquares(this.#floats(slot, this.dimension));
    this.#squares[slot] = squares;
    return squares;
  }

  #floats(slot: number, length: number): Float32Array {
    const at = this.#rows + slot * this.#components * Float32Array.BYTES_PER_ELEMENT;
    return new Float32Array(this.#memory.buffer, at, length);
  }
}

function sumOfSquares(vector: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += (vector[i] as number) * (vector[i] as number);
  return sum;
}
