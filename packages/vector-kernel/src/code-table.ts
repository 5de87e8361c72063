import {
  BlockFormatError,
  type BlockView,
  createBlock,
  readBlocks,
  rowsPerBlock,
  setRow,
  tiledRows,
} from './block-format.js';
import { Bounds, type Interval } from './bounds.js';
import { asFloat32, assertLittleEndianHost, type VectorData } from './float32.js';
import { assertId, assertIds, type IdData, IdIndex } from './ids.js';
import { defaultKernel, type Implementation, type Kernel, type KernelMemory } from './kernel.js';
import { bytesFor, FILTER_ROWS, type Layout, layoutFor, SEGMENT_ROWS, TILE_ROWS } from './layout.js';
import { assertDimension, assertMetric, type Metric } from './metric.js';
import { type QuantisedQuery, quantiseQuery, quantiseRow, type RowFacts } from './quantise.js';
import { Rows } from './rows.js';
import { CandidateBuffer, kthSmallest } from './select.js';

export interface CodeTableOptions {
  /** Components of every vector, 1 to 4,096. */
  readonly dimension: number;
  readonly metric: Metric;
  /** Default: `createKernel()`, that is WebAssembly where there is SIMD. */
  readonly kernel?: Kernel;
  /** Rows to reserve memory for at once. Default 0. A hint: the table grows as needed. */
  readonly capacity?: number;
}

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

/**
 * 8-bit codes of a set of vectors in memory, searched by certified scan: the answer is a small set of rows
 * that provably holds the k nearest, to be measured exactly (`nearest`) from their float32 components.
 *
 * Takes one byte per component (rounded up to 16 per row) and 20 bytes per row.
 * The method is that of the VA-file (Weber, Schek & Blott 1998), with scalar quantisation per row.
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
  #revision = 0;

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

  /** Counts the changes to this table, for whoever keeps something derived from it. */
  get revision(): number {
    return this.#revision;
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
    return Float64Array.from({ length: this.#count }, (_, row) => this.#rows.id(row));
  }

  /**
   * Quantises and adds rows. All or nothing: an error leaves the table as it was.
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
      this.#revision++;
      throw error;
    }
  }

  /** Gives an existing row another vector. @throws RangeError when there is no such row. */
  replace(id: number, vector: VectorData): void {
    const row = this.#index.rowOf(id, this.#count);
    if (row === undefined) throw new RangeError(`There is no row with id ${id}`);
    this.#write(row, id, asFloat32(vector, 1, this.dimension), 0);
    this.#revision++;
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
    this.#revision++;
    return true;
  }

  /** Removes every row. The memory is kept for the next ones; drop the table to free it. */
  clear(): void {
    this.#count = 0;
    this.#revision++;
    this.#index.clear();
  }

  /**
   * Writes the table as blocks of at most `maxBytes` (default 1,000,000; at least one row each), to be given
   * to {@link CodeTable.load}. No rows, no blocks. Up to three rows that make no whole four get a block of their own at
   * the end: blocks of whole fours, loaded one after the other, are copied in long stretches.
   */
  serialise(options: { readonly maxBytes?: number } = {}): Uint8Array[] {
    const perBlock = rowsPerBlock(this.dimension, options.maxBytes);
    const blocks: Uint8Array[] = [];
    const tiled = tiledRows(this.#count);
    for (let first = 0; first < this.#count; ) {
      const rows = Math.min(perBlock, (first < tiled ? tiled : this.#count) - first);
      const { view, seal } = createBlock(rows, this.dimension, this.metric);
      for (let row = 0; row < rows; row++) {
        this.#rows.readFacts(first + row, this.#facts);
        setRow(view, row, this.#rows.id(first + row), this.#facts);
      }
      this.#rows.readBlock(first, view);
      blocks.push(seal());
      first += rows;
    }
    return blocks;
  }

  /**
   * Finds every row that can be among the `k` nearest to `query`: a superset of them, in proof.
   *
   * Certain for `distance` of this package and for any other float64 evaluation of the metric's formula, in
   * whatever order it sums. One pass over the codes, at about the speed of memory. Ties are decided by ascending id; a query that is
   * at the same distance from everything (zero, with 'cosine' or 'dot') returns just the k smallest ids.
   *
   * @param query `dimension` float32 values, or their little-endian bytes
   * @param k how many neighbours are wanted; 0 gives none, more than there are rows gives all
   * @throws RangeError on a wrong length, a component that is not finite, or a k that is not a whole number.
   */
  scan(query: VectorData, k: number): ScanResult {
    assertK(k);
    const prepared = quantiseQuery(asFloat32(query, 1, this.dimension), this.metric);
    if (k === 0 || this.#count === 0) return this.#nothing(k);
    if (prepared.isZero && this.metric !== 'l2') return this.#smallestIds(k);

    const bounds = new Bounds(prepared, this.metric, this.dimension);
    const candidates = new CandidateBuffer(k, this.#count);
    const examined = this.#pass(prepared, bounds, candidates);
    candidates.tidy();
    this.#repeatQuickTest(prepared, bounds, candidates);
    return this.#result(candidates, bounds, examined);
  }

  /**
   * As {@link scan}, but looks only at some rows: the result is certain about those and silent on the others.
   * For searches that choose rows by other means first (`Cascade`).
   *
   * @param rows positions of rows, from 0 to `count` − 1, ascending
   */
  scanRows(query: VectorData, k: number, rows: Uint32Array): ScanResult {
    assertK(k);
    const prepared = quantiseQuery(asFloat32(query, 1, this.dimension), this.metric);
    if (k === 0 || rows.length === 0) return this.#nothing(k);
    const bounds = new Bounds(prepared, this.metric, this.dimension);
    const candidates = new CandidateBuffer(k, rows.length);
    this.#visit(prepared, bounds, candidates, rows);
    candidates.tidy();
    return this.#result(candidates, bounds, rows.length);
  }

  /**
   * Calls `visit` for every row with its position and its approximation, scale · codes (for 'cosine', of the
   * row divided by its norm). `codes` is the same array each time.
   *
   * @param step visits only every so many rows, default 1
   */
  forEachRow(visit: (row: number, scale: number, codes: Int8Array) => void, step = 1): void {
    for (let row = 0; row < this.#count; row += step) {
      this.#rows.readFacts(row, this.#facts);
      this.#rows.readCodes(row, this.#words);
      visit(row, this.#facts.scale, this.#codes);
    }
  }

  /** Intervals for chosen rows. Products come in tiles of four, so neighbours share the work. */
  #visit(query: QuantisedQuery, bounds: Bounds, candidates: CandidateBuffer, rows: Uint32Array): void {
    const layout = this.#layout;
    const memory = this.#memory;
    new Int16Array(memory.buffer, layout.query, this.dimension).set(query.codes);
    const products = new Int32Array(memory.buffer, layout.products, TILE_ROWS);
    const interval: Interval = { low: 0, high: 0 };
    const facts: RowFacts = { scale: 0, error: 0, codeNorm: 0 };
    let tile = -1;
    for (const row of rows) {
      if (row >= this.#count) throw new RangeError(`There is no row ${row}`);
      const tileOfRow = Math.floor(row / TILE_ROWS);
      if (tileOfRow !== tile) {
        tile = tileOfRow;
        memory.dotRows(this.#rows.tile(row), layout.stride, TILE_ROWS, layout.query, layout.products);
      }
      const product = products[row % TILE_ROWS] as number;
      this.#rows.readFacts(row, facts);
      bounds.interval(facts.scale, facts.error, facts.codeNorm, product, interval);
      candidates.add(row, product, interval.low, interval.high);
    }
  }

  /** The one pass: integer products segment by segment, the quick test, intervals for what passes it. */
  #pass(query: QuantisedQuery, bounds: Bounds, candidates: CandidateBuffer): number {
    const layout = this.#layout;
    const memory = this.#memory;
    new Int16Array(memory.buffer, layout.query, this.dimension).set(query.codes);
    const products = new Int32Array(memory.buffer, layout.products, SEGMENT_ROWS);
    const hits = new Int32Array(memory.buffer, layout.hits, FILTER_ROWS);
    const interval: Interval = { low: 0, high: 0 };
    const facts: RowFacts = { scale: 0, error: 0, codeNorm: 0 };
    let examined = 0;
    for (let first = 0; first < this.#count; first += SEGMENT_ROWS) {
      const rows = Math.min(SEGMENT_ROWS, this.#count - first);
      const segment = layout.firstSegment + (first / SEGMENT_ROWS) * layout.segmentBytes;
      const tiles = Math.ceil(rows / TILE_ROWS) * TILE_ROWS;
      memory.dotRows(segment + layout.codes, layout.stride, tiles, layout.query, layout.products);
      // In steps, for the threshold that the first rows set to spare the next ones.
      for (let from = 0; from < rows; from += FILTER_ROWS) {
        const step = Math.min(FILTER_ROWS, rows - from);
        const found = this.#quickTest(query, bounds, segment, from, step, candidates.threshold);
        for (let hit = 0; hit < found; hit++) {
          const local = from + (hits[hit] as number);
          const product = products[local] as number;
          this.#rows.readFacts(first + local, facts);
          bounds.interval(facts.scale, facts.error, facts.codeNorm, product, interval);
          candidates.add(first + local, product, interval.low, interval.high);
        }
        examined += found;
      }
    }
    return examined;
  }

  #quickTest(
    query: QuantisedQuery,
    bounds: Bounds,
    segment: number,
    from: number,
    rows: number,
    threshold: number,
  ): number {
    const { hits, errors, norms } = this.#layout;
    const products = this.#layout.products + from * 4;
    const scales = segment + from * 4;
    if (this.metric === 'l2') {
      return this.#memory.filterEuclidean(
        products,
        scales,
        scales + errors,
        scales + norms,
        rows,
        2 * query.scale,
        query.normSquared * bounds.shrink,
        bounds.shrink,
        bounds.euclideanReach(threshold),
        hits,
      );
    }
    const { slackPerScale, slackPerError } = bounds.innerProductFilter;
    return this.#memory.filterInnerProduct(
      products,
      scales,
      scales + errors,
      rows,
      query.scale,
      slackPerScale,
      slackPerError,
      bounds.innerProductFloor(threshold),
      hits,
    );
  }

  /**
   * Rows met early passed the quick test of a threshold that has since come down. Repeating it on the few
   * that are left makes the candidates a function of the set of rows alone, not of their order in memory.
   */
  #repeatQuickTest(query: QuantisedQuery, bounds: Bounds, candidates: CandidateBuffer): void {
    const facts: RowFacts = { scale: 0, error: 0, codeNorm: 0 };
    const { slackPerScale, slackPerError } = bounds.innerProductFilter;
    const floor = bounds.innerProductFloor(candidates.threshold);
    const reach = bounds.euclideanReach(candidates.threshold);
    candidates.keep((at) => {
      this.#rows.readFacts(candidates.rows[at] as number, facts);
      const { scale, error, codeNorm } = facts;
      const product = candidates.products[at] as number;
      if (this.metric !== 'l2') {
        return scale * (query.scale * product + slackPerScale) + error * slackPerError >= floor;
      }
      const squared =
        query.normSquared * bounds.shrink +
        scale * (scale * codeNorm * bounds.shrink - 2 * query.scale * product);
      const limit = reach + error;
      return squared <= limit * limit;
    });
  }

  #result(candidates: CandidateBuffer, bounds: Bounds, examined: number): ScanResult {
    const found = Array.from({ length: candidates.count }, (_, at) => ({
      id: this.#rows.id(candidates.rows[at] as number),
      low: candidates.low[at] as number,
    }));
    found.sort((a, b) => a.low - b.low || a.id - b.id);
    // Adding the constant 1 of the cosine rounds; the bounds stay bounds with one more step outwards.
    const step = bounds.offset * 2 ** -51;
    return {
      ids: Float64Array.from(found, ({ id }) => id),
      lowerBounds: Float64Array.from(found, ({ low }) => bounds.offset + low - step),
      upperBound: bounds.offset + candidates.threshold + step,
      rows: this.#count,
      examined,
    };
  }

  #nothing(k: number): ScanResult {
    const none = new Float64Array(0);
    const upperBound = k === 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    return { ids: none, lowerBounds: none, upperBound, rows: this.#count, examined: 0 };
  }

  #smallestIds(k: number): ScanResult {
    let ids = this.ids();
    if (k < ids.length) {
      const last = kthSmallest(ids.slice(), ids.length, k);
      ids = ids.filter((id) => id <= last);
    }
    const same = this.metric === 'cosine' ? 1 : 0;
    return {
      ids: ids.sort(),
      lowerBounds: new Float64Array(ids.length).fill(same),
      upperBound: k > this.#count ? Number.POSITIVE_INFINITY : same,
      rows: this.#count,
      examined: 0,
    };
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
    quantiseRow(values, offset, this.dimension, this.metric, this.#codes, 0, this.#facts);
    this.#rows.write(row, id, this.#facts, this.#codes, 0);
  }

  #grewBy(rows: number): void {
    const first = this.#count;
    this.#count += rows;
    this.#revision++;
    this.#index.appended(first, this.#count);
  }
}

export function assertK(k: number): void {
  if (!Number.isSafeInteger(k) || k < 0) {
    throw new RangeError(`k must be a whole number, 0 or more, not ${String(k)}`);
  }
}
