import { type BlockView, placeInBlock, tiledRows, wordsOf } from './block-format.js';
import type { KernelMemory } from './kernel.js';
import { bytesFor, type Layout, SEGMENT_ROWS, TILE_ROWS, TILE_SLICE } from './layout.js';
import type { RowFacts } from './quantize.js';

const SLICE_WORDS = TILE_SLICE / 4;

/** Copies the slices of one row's codes, all positions in 32-bit words. */
function copySlices(
  from: Int32Array,
  fromAt: number,
  fromStep: number,
  to: Int32Array,
  toAt: number,
  toStep: number,
  stride: number,
): void {
  let source = fromAt;
  let target = toAt;
  for (let done = 0; done < stride; done += TILE_SLICE) {
    for (let i = 0; i < SLICE_WORDS; i++) to[target + i] = from[source + i] as number;
    source += fromStep;
    target += toStep;
  }
}

/** Reads and writes single rows in the memory of a table: layout only, no semantics. */
export class Rows {
  readonly #memory: KernelMemory;
  readonly #layout: Layout;
  readonly #dimension: number;
  #buffer: ArrayBuffer;
  #bytes!: Int8Array;
  #words!: Int32Array;
  #floats!: Float32Array;
  #unsigned!: Uint32Array;
  #doubles!: Float64Array;

  constructor(memory: KernelMemory, layout: Layout, dimension: number) {
    this.#memory = memory;
    this.#layout = layout;
    this.#dimension = dimension;
    this.#buffer = memory.buffer;
    this.#view();
  }

  /** Reserves memory for `count` rows and recreates the views, since growing detaches the old ones. */
  reserve(count: number): void {
    this.#memory.grow(bytesFor(count, this.#layout));
    if (this.#memory.buffer !== this.#buffer) this.#view();
  }

  id(row: number): number {
    return this.#doubles[(this.#segment(row) + this.#layout.ids) / 8 + (row % SEGMENT_ROWS)] as number;
  }

  /** The ids of the first `count` rows. */
  ids(count: number): Float64Array {
    return Float64Array.from({ length: count }, (_, row) => this.id(row));
  }

  /** Address of the codes of the tile that contains `row`. */
  tile(row: number): number {
    const local = row % SEGMENT_ROWS;
    const { codes, stride } = this.#layout;
    return this.#segment(row) + codes + Math.floor(local / TILE_ROWS) * TILE_ROWS * stride;
  }

  readFacts(row: number, facts: RowFacts): void {
    const segment = this.#segment(row);
    const local = row % SEGMENT_ROWS;
    facts.scale = this.#floats[segment / 4 + local] as number;
    facts.error = this.#floats[(segment + this.#layout.errors) / 4 + local] as number;
    facts.codeNorm = this.#unsigned[(segment + this.#layout.norms) / 4 + local] as number;
  }

  /** Copies the codes of a row, with the zeros that pad them: `into` holds a stride of words. */
  readCodes(row: number, into: Int32Array): void {
    copySlices(
      this.#words,
      this.#codes(row) / 4,
      TILE_ROWS * SLICE_WORDS,
      into,
      0,
      SLICE_WORDS,
      this.#layout.stride,
    );
  }

  /** Copies a block to the rows from `first` on. Tiles are copied in long stretches. */
  writeBlock(first: number, block: BlockView): void {
    const tiled = first % TILE_ROWS === 0 ? tiledRows(block.count) : 0;
    for (let done = 0; done < block.count; ) {
      const local = (first + done) % SEGMENT_ROWS;
      const end = Math.min(block.count, done + SEGMENT_ROWS - local);
      const segment = this.#segment(first + done);
      const { errors, norms, ids, codes, stride } = this.#layout;
      this.#floats.set(block.scales.subarray(done, end), segment / 4 + local);
      this.#floats.set(block.errors.subarray(done, end), (segment + errors) / 4 + local);
      this.#unsigned.set(block.codeNorms.subarray(done, end), (segment + norms) / 4 + local);
      this.#doubles.set(block.ids.subarray(done, end), (segment + ids) / 8 + local);
      const tiles = Math.min(end, tiled);
      if (tiles > done) {
        this.#bytes.set(
          block.codes.subarray(done * stride, tiles * stride),
          segment + codes + local * stride,
        );
      }
      done = end;
    }
    const words = wordsOf(block);
    for (let row = tiled; row < block.count; row++) {
      const { at, step } = placeInBlock(block, row);
      copySlices(
        words,
        at,
        step,
        this.#words,
        this.#codes(first + row) / 4,
        TILE_ROWS * SLICE_WORDS,
        block.stride,
      );
    }
  }

  /** Copies the codes of the rows from `first` on to a block, whole. */
  readBlock(first: number, block: BlockView): void {
    const words = wordsOf(block);
    for (let row = 0; row < block.count; row++) {
      const { at, step } = placeInBlock(block, row);
      copySlices(
        this.#words,
        this.#codes(first + row) / 4,
        TILE_ROWS * SLICE_WORDS,
        words,
        at,
        step,
        block.stride,
      );
    }
  }

  write(row: number, id: number, facts: RowFacts, codes: Int8Array, offset: number): void {
    const segment = this.#segment(row);
    const local = row % SEGMENT_ROWS;
    this.#doubles[(segment + this.#layout.ids) / 8 + local] = id;
    this.#floats[segment / 4 + local] = facts.scale;
    this.#floats[(segment + this.#layout.errors) / 4 + local] = facts.error;
    this.#unsigned[(segment + this.#layout.norms) / 4 + local] = facts.codeNorm;
    const at = this.#codes(row);
    if (this.#dimension % 4 === 0 && (codes.byteOffset + offset) % 4 === 0) {
      this.#writeWords(at, new Int32Array(codes.buffer, codes.byteOffset + offset, this.#dimension / 4));
    } else {
      this.#writeBytes(at, codes, offset);
    }
  }

  #writeBytes(address: number, codes: Int8Array, offset: number): void {
    let at = address;
    for (let j = 0; j < this.#dimension; j += TILE_SLICE) {
      const length = Math.min(TILE_SLICE, this.#dimension - j);
      for (let i = 0; i < length; i++) this.#bytes[at + i] = codes[offset + j + i] as number;
      at += TILE_ROWS * TILE_SLICE;
    }
  }

  /** Codes as 32-bit words, which makes a cold load fast. */
  #writeWords(address: number, codes: Int32Array): void {
    const words = this.#words;
    const slice = TILE_SLICE / 4;
    const step = TILE_ROWS * slice;
    const whole = codes.length - (codes.length % slice);
    let at = address / 4;
    for (let j = 0; j < whole; j += slice) {
      words[at] = codes[j] as number;
      words[at + 1] = codes[j + 1] as number;
      words[at + 2] = codes[j + 2] as number;
      words[at + 3] = codes[j + 3] as number;
      at += step;
    }
    for (let j = whole; j < codes.length; j++) words[at++] = codes[j] as number;
  }

  #segment(row: number): number {
    return this.#layout.firstSegment + Math.floor(row / SEGMENT_ROWS) * this.#layout.segmentBytes;
  }

  #codes(row: number): number {
    return this.tile(row) + (row % TILE_ROWS) * TILE_SLICE;
  }

  #view(): void {
    const buffer = this.#memory.buffer;
    const even = buffer.byteLength - (buffer.byteLength % 8);
    this.#buffer = buffer;
    this.#bytes = new Int8Array(buffer);
    this.#words = new Int32Array(buffer, 0, even / 4);
    this.#floats = new Float32Array(buffer, 0, even / 4);
    this.#unsigned = new Uint32Array(buffer, 0, even / 4);
    this.#doubles = new Float64Array(buffer, 0, even / 8);
  }
}
