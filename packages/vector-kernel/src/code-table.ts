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
  /** Components of every vector, 1 to 4,096. */
  readonly dimension: number;
  readonly metric: Metric;
  /** Default: `createKernel()`, that is WebAssembly where there is SIMD. */
  readonly kernel?: Kernel;
  /** Rows to reserve memory for at once. Default 0. A hint: the table grows as needed. */
  readonly capacity?: number;
}

/**
 * 8-bit codes of a set of vectors in memory, searched by certified scan: the answer is a small set of rows
 * that provably holds the k nearest, to be measured exactly (`nearest`) from their float32 components.
 *
 * Takes one byte per component (rounded up to 16 per row) and 20 bytes per row.
 * The method is that of the VA-file (Weber, Schek & Blott 1998), with scalar quantization per row.
 * Not safe to change while a scan of the same table runs, which cannot happen: everything is synchronous.
 */
export class CodeTable {
  readonly dimension: number;
  readonly metric: Metric;
  readonly #kernel: Kernel;
  readonly #layout: Layout;
  /** The codes of one row, and the same bytes as words. */
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
    // All of it at once: memory that grows made V8 look for garbage once more.
    this.#memory = this.#kernel.createMemory(bytesFor(capacity, this.#layout));
    this.#rows = new Rows(this.#memory, this.#layout, this.dimension);
    this.#index = new IdIndex((row) => this.#rows.id(row));
  }

  /**
   * A table from stored blocks, in any order and any packing: each piece of bytes may hold several blocks end
   * to end. Codes are copied, not computed.
   *
   * @throws BlockFormatError on a damaged block or one of another dimension or metric; RangeError when the
   *   same id occurs twice.
   */
  static load(blocks: Iterable<Uint8Array>, options: CodeTableOptions): CodeTable {
    const table = new CodeTable(options);
    for (const block of blocks) table.appendBlocks(block);
    return table;
  }

  get implementation(): Implementation {
    return this.#kernel.implementation;
  }

  /** The number of rows. */
  get count(): number {
    return this.#count;
  }

  /** Bytes of memory this table holds, including what is allocated ahead. */
  get byteLength(): number {
    return this.#memory.buffer.byteLength + this.#index.byteLength;
  }

  has(id: number): boolean {
    return this.#index.rowOf(id, this.#count) !== undefined;
  }

  /** The ids of all rows, in no particular order. */
  ids(): Float64Array {
    return this.#rows.ids(this.#count);
  }

  /**
   * Quantizes and adds rows. All or nothing: an error leaves the table as it was.
   *
   * @param ids positive safe integers, none of them in the table
   * @param vectors `ids.length × dimension` float32 values, or their little-endian bytes
   * @throws RangeError on a wrong length, a bad or repeated id, or a component that is not finite.
   */
  append(ids: IdData, vectors: VectorData): void {
    const values = asFloat32(vectors, ids.length, this.dimension);
    this.#refuseRepeats(ids);
    this.#rows.reserve(this.#count + ids.length);
    // Rows beyond the count are nobody's, so nothing has happened until the count moves.
    for (let i = 0; i < ids.length; i++) {
      this.#write(this.#count + i, ids[i] as number, values, i * this.dimension);
    }
    this.#grewBy(ids.length);
  }

  /**
   * Adds the rows of one piece of bytes with any number of blocks. All or nothing. See {@link CodeTable.load}.
   *
   * @param options.verify whether checksums are compared, default true. It takes about as long as all the rest: to be
   *   left out where reading has to be fast and damage is looked for at another time.
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

  /** Gives an existing row another vector. @throws RangeError when there is no such row. */
  replace(id: number, vector: VectorData): void {
    const row = this.#index.rowOf(id, this.#count);
    if (row === undefined) throw new RangeError(`There is no row with id ${id}`);
    this.#write(row, id, asFloat32(vector, 1, this.dimension), 0);
  }

  /** Adds a row, or gives it another vector if it is there. Returns whether it was there. */
  upsert(id: number, vector: VectorData): boolean {
    assertId(id);
    const known = this.has(id);
    if (known) this.replace(id, vector);
    else this.append([id], vector);
    return known;
  }

  /** Removes a row; returns whether it was there. The last row takes its place, so this costs one row. */
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

  /** Removes every row. The memory is kept for the next ones; drop the table to free it. */
  clear(): void {
    this.#count = 0;
    this.#index.clear();
  }

  /**
   * Writes the table as blocks of at most `maxBytes` (default 1,000,000; at least one row each), to be given
   * to {@link CodeTable.load}. No rows, no blocks. Up to three rows that make no whole four get a block of their own at
   * the end: blocks of whole fours, loaded one after the other, are copied in long stretches.
   */
  serialize(options: { readonly maxBytes?: number } = {}): Uint8Array[] {
    return serializeRows(this.#view(), options.maxBytes);
  }

  /**
   * Finds every row that can be among the `k` nearest to `query`: a superset of them, in proof.
   *
   * Certain for `distance` of this package and for any other float64 evaluation of the metric's formula, in
   * whatever order it sums. One pass over the codes, at about the speed of memory. Ties are decided by ascending id; a query that is
   * at the same distance from everything (zero, with 'cosine' or 'dot') returns just the k smallest ids.
   *
   * @param query `dimension` float32 values, or their little-endian bytes
   * @param k how many neighbors are wanted; 0 gives none, more than there are rows gives all
   * @throws RangeError on a wrong length, a component that is not finite, or a k that is not a whole number.
   */
  scan(query: VectorData, k: number): ScanResult {
    return scanTable(this.#view(), query, k);
  }

  /**
   * Calls `visit` for every row with its position and its approximation, scale · codes (for 'cosine', of the
   * row divided by its norm). `codes` is the same array each time.
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
      if (this.has(ids[i] as number)) throw new RangeError(`There already is a row with id ${ids[i]}`);
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
