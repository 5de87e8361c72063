import { BlockFormatError, type BlockView, readBlocks } from './block-format.js';
import { asFloat32, assertLittleEndianHost, type VectorData } from './float32.js';
import { assertId, assertIds, type IdData, IdIndex } from './ids.js';
import { defaultKernel, type Implementation, type Kernel, type KernelMemory } from './kernel.js';
import { bytesFor, type Layout, layoutFor } from './layout.js';
import { assertDimension, assertMetric, type Metric } from './metric.js';
import { quantizeRow, type RowFacts } from './quantize.js';
import { Rows } from './rows.js';
import { scanTable } from './scan.js';
import type { ScanResult } from './scan-result.js';
import { serializeRows } from './serialize.js';
import type { TableRows } from './table-rows.js';

export interface CodeTableOptions {
  /** Number of components of every vector, 1 to 4,096. */
  readonly dimension: number;
  readonly metric: Metric;
  /** Default: `createKernel()`, which uses WebAssembly where SIMD is available. */
  readonly kernel?: Kernel;
  /** Number of rows to preallocate. Default 0; the table grows as needed. */
  readonly capacity?: number;
}

/**
 * 8-bit codes of a set of vectors in memory, searched by quantized scan: the result is a small set of rows that
 * provably contains the k nearest, to be measured exactly from their float32 components (see {@link nearest}).
 *
 * Takes one byte per component (rounded up to 16 per row) and 20 bytes per row. The method is that of the VA-file
 * (Weber, Schek & Blott 1998), with scalar quantization per row. All methods are synchronous, so a table never changes
 * during a scan.
 */
export class CodeTable {
  readonly dimension: number;
  readonly metric: Metric;
  readonly #kernel: Kernel;
  readonly #layout: Layout;
  /** Scratch buffer for the codes of one row, and the same bytes as words. */
  readonly #codes: Int8Array;
  readonly #words: Int32Array;
  readonly #facts: RowFacts = { scale: 0, error: 0, codeNorm: 0 };
  #memory: KernelMemory;
  #rows: Rows;
  #index: IdIndex;
  #count = 0;

  /** @throws RangeError on a dimension out of range; TypeError on an unknown metric. */
  constructor(options: CodeTableOptions) {
    assertLittleEndianHost();
    assertDimension(options.dimension);
    assertMetric(options.metric);
    this.dimension = options.dimension;
    this.metric = options.metric;
    this.#kernel = options.kernel ?? defaultKernel();
    this.#layout = layoutFor(options.dimension);
    this.#words = new Int32Array(this.#layout.stride / 4);
    this.#codes = new Int8Array(this.#words.buffer, 0, options.dimension);
    const { capacity = 0 } = options;
    if (!Number.isSafeInteger(capacity) || capacity < 0) {
      throw new RangeError(`The capacity must be a whole number of rows, not ${capacity}`);
    }
    // Allocated up front: growing the memory triggers another garbage collection in V8.
    this.#memory = this.#kernel.createMemory(bytesFor(capacity, this.#layout));
    this.#rows = new Rows(this.#memory, this.#layout, this.dimension);
    this.#index = new IdIndex((row) => this.#rows.id(row));
  }

  /**
   * Creates a table from stored blocks, in any order; each byte array may contain several blocks end to end. Copies
   * codes without computing any.
   *
   * @throws BlockFormatError on a damaged block or one of another dimension or metric; RangeError if an id occurs
   * twice.
   */
  static load(blocks: Iterable<Uint8Array>, options: CodeTableOptions): CodeTable {
    const table = new CodeTable(options);
    for (const block of blocks) table.appendBlocks(block);
    return table;
  }

  get implementation(): Implementation {
    return this.#kernel.implementation;
  }

  /** Number of rows. */
  get count(): number {
    return this.#count;
  }

  /** Memory used by this table in bytes, including preallocated space. */
  get byteLength(): number {
    return this.#memory.buffer.byteLength + this.#index.byteLength;
  }

  has(id: number): boolean {
    return this.#index.rowOf(id, this.#count) !== undefined;
  }

  /** Returns the ids of all rows, in no particular order. */
  ids(): Float64Array {
    return this.#rows.ids(this.#count);
  }

  /**
   * Quantizes and adds rows. All or nothing: an error leaves the table unchanged.
   *
   * @param ids Positive safe integers, none of them in the table.
   * @param vectors `ids.length × dimension` float32 values, or their little-endian bytes.
   * @throws RangeError on a wrong length, an invalid or duplicate id, or a component that is not finite.
   */
  append(ids: IdData, vectors: VectorData): void {
    const values = asFloat32(vectors, ids.length, this.dimension);
    this.#refuseRepeats(ids);
    this.#rows.reserve(this.#count + ids.length);
    // Rows beyond the count do not exist yet, so an error leaves the table unchanged.
    for (let i = 0; i < ids.length; i++) {
      this.#write(this.#count + i, ids[i] as number, values, i * this.dimension);
    }
    this.#grewBy(ids.length);
  }

  /**
   * Adds the rows of any number of blocks stored end to end. All or nothing. See {@link CodeTable.load}.
   *
   * @param options.verify Compares checksums, which doubles the time. Default true; use false where loading must be
   * fast and damage is detected elsewhere.
   */
  appendBlocks(bytes: Uint8Array, { verify = true }: { readonly verify?: boolean } = {}): void {
    const before = this.#count;
    try {
      for (const block of readBlocks(bytes, verify)) this.#appendBlock(block);
    } catch (error) {
      for (let row = before; row < this.#count; row++) this.#index.removed(this.#rows.id(row));
      this.#count = before;
      throw error;
    }
  }

  /** Replaces the vector of an existing row. @throws RangeError if there is no such row. */
  replace(id: number, vector: VectorData): void {
    const row = this.#index.rowOf(id, this.#count);
    if (row === undefined) throw new RangeError(`There is no row with id ${id}`);
    this.#write(row, id, asFloat32(vector, 1, this.dimension), 0);
  }

  /** Adds a row, or replaces its vector. Returns true if the row existed. */
  upsert(id: number, vector: VectorData): boolean {
    assertId(id);
    const known = this.has(id);
    if (known) this.replace(id, vector);
    else this.append([id], vector);
    return known;
  }

  /** Removes a row in constant time: the last row takes its place. Returns true if the row existed. */
  remove(id: number): boolean {
    const row = this.#index.rowOf(id, this.#count);
    if (row === undefined) return false;
    const last = this.#count - 1;
    if (row !== last) {
      const moved = this.#rows.id(last);
      this.#rows.readFacts(last, this.#facts);
      this.#rows.readCodes(last, this.#words);
      this.#rows.write(row, moved, this.#facts, this.#codes, 0);
      this.#index.moved(moved, row);
    }
    this.#index.removed(id);
    this.#count = last;
    return true;
  }

  /** Removes all rows but keeps the memory for new ones; drop the table to free it. */
  clear(): void {
    this.#count = 0;
    this.#index.clear();
  }

  /**
   * Writes the table as blocks of at most `maxBytes` (default 1,000,000; at least one row each) for {@link
   * CodeTable.load}. An empty table produces no blocks. The last one to three rows that do not fill a tile get their
   * own block, so that all other blocks load in long copies.
   */
  serialize(options: { readonly maxBytes?: number } = {}): Uint8Array[] {
    return serializeRows(this.#view(), options.maxBytes);
  }

  /**
   * Finds every row that can be among the `k` nearest to `query`: a superset of them, with proof.
   *
   * The proof covers `distance` of this package and any other float64 evaluation of the metric's formula, in any order
   * of summation. One pass over the codes, at about memory speed. Ties are broken by ascending id; a query equally far
   * from everything (zero, with 'cosine' or 'dot') returns the k smallest ids.
   *
   * @param query `dimension` float32 values, or their little-endian bytes.
   * @param k Number of neighbors; 0 returns none, more than the number of rows returns all.
   * @param isWanted Restricts the scan to rows for whose id it returns true, as if the table had no others. Called only
   * for rows that would be candidates.
   * @throws RangeError on a wrong length, a component that is not finite, or a `k` that is not a non-negative integer.
   */
  scan(query: VectorData, k: number, isWanted?: (id: number) => boolean): ScanResult {
    return scanTable(this.#view(), query, k, isWanted);
  }

  /**
   * Calls `visit` for every row with its position and its approximation, scale · codes (for 'cosine', of the row
   * divided by its norm). `codes` is the same array each time.
   */
  forEachRow(visit: (row: number, scale: number, codes: Int8Array) => void): void {
    for (let row = 0; row < this.#count; row++) {
      this.#rows.readFacts(row, this.#facts);
      this.#rows.readCodes(row, this.#words);
      visit(row, this.#facts.scale, this.#codes);
    }
  }

  #appendBlock(block: BlockView): void {
    if (block.dimension !== this.dimension || block.metric !== this.metric) {
      throw new BlockFormatError(
        `A block of codes is for dimension ${block.dimension} and metric ${block.metric}, ` +
          `the table for ${this.dimension} and ${this.metric}`,
      );
    }
    this.#refuseRepeats(block.ids);
    this.#rows.reserve(this.#count + block.count);
    this.#rows.writeBlock(this.#count, block);
    this.#grewBy(block.count);
  }

  #refuseRepeats(ids: IdData): void {
    assertIds(ids);
    for (let i = 0; i < ids.length; i++) {
      if (this.has(ids[i] as number)) throw new RangeError(`There is already a row with id ${ids[i]}`);
    }
  }

  #write(row: number, id: number, values: Float32Array, offset: number): void {
    quantizeRow(values, offset, this.dimension, this.metric, this.#codes, 0, this.#facts);
    this.#rows.write(row, id, this.#facts, this.#codes, 0);
  }

  #grewBy(rows: number): void {
    const first = this.#count;
    this.#count += rows;
    this.#index.appended(first, this.#count);
  }

  #view(): TableRows {
    return {
      dimension: this.dimension,
      metric: this.metric,
      layout: this.#layout,
      memory: this.#memory,
      rows: this.#rows,
      count: this.#count,
    };
  }
}
