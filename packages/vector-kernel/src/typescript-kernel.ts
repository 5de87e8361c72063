import type { KernelMemory } from './kernel.js';
import { TILE_ROWS, TILE_SLICE } from './layout.js';

/**
 * The inner loops without WebAssembly. The same integers (exact in both) and the same float64 operations in the same
 * order as assembly/kernel.ts: always change both together.
 */
export class TypeScriptMemory implements KernelMemory {
  #views: Views;

  constructor(bytes: number) {
    this.#views = viewsOf(new ArrayBuffer(bytes));
  }

  get buffer(): ArrayBuffer {
    return this.#views.buffer;
  }

  grow(bytes: number): void {
    const old = this.#views.bytes;
    if (bytes <= old.length) return;
    // A plain ArrayBuffer must be copied to grow, so it grows by an eighth to keep appending linear.
    const grown = viewsOf(new ArrayBuffer(Math.max(bytes, Math.ceil(old.length / 64) * 72)));
    grown.bytes.set(old);
    this.#views = grown;
  }

  dotRows(codes: number, stride: number, rows: number, query: number, out: number): void {
    const { signedBytes, shorts, integers } = this.#views;
    const firstQuery = query >> 1;
    const firstOut = out >> 2;
    const tileBytes = stride * TILE_ROWS;
    for (let row = 0; row < rows; row++) {
      let at = codes + Math.floor(row / TILE_ROWS) * tileBytes + (row % TILE_ROWS) * TILE_SLICE;
      let sum = 0;
      for (let j = 0; j < stride; j += TILE_SLICE) {
        for (let i = 0; i < TILE_SLICE; i++) {
          sum += (signedBytes[at + i] as number) * (shorts[firstQuery + j + i] as number);
        }
        at += TILE_ROWS * TILE_SLICE;
      }
      integers[firstOut + row] = sum;
    }
  }

  filterInnerProduct(
    dots: number,
    scales: number,
    errors: number,
    rows: number,
    queryScale: number,
    slackPerScale: number,
    slackPerError: number,
    floor: number,
    hits: number,
  ): number {
    const { integers, floats } = this.#views;
    let count = 0;
    for (let r = 0; r < rows; r++) {
      const approximate =
        (floats[(scales >> 2) + r] as number) *
        (queryScale * (integers[(dots >> 2) + r] as number) + slackPerScale);
      if (approximate + (floats[(errors >> 2) + r] as number) * slackPerError >= floor) {
        integers[(hits >> 2) + count++] = r;
      }
    }
    return count;
  }

  filterEuclidean(
    dots: number,
    scales: number,
    errors: number,
    norms: number,
    rows: number,
    twiceQueryScale: number,
    queryNormSquared: number,
    shrink: number,
    reach: number,
    hits: number,
  ): number {
    const { integers, floats, unsigned } = this.#views;
    let count = 0;
    for (let r = 0; r < rows; r++) {
      const scale = floats[(scales >> 2) + r] as number;
      const squared =
        queryNormSquared +
        scale *
          (scale * (unsigned[(norms >> 2) + r] as number) * shrink -
            twiceQueryScale * (integers[(dots >> 2) + r] as number));
      const limit = reach + (floats[(errors >> 2) + r] as number);
      if (squared <= limit * limit) integers[(hits >> 2) + count++] = r;
    }
    return count;
  }

  squaredDistances(
    rows: number,
    components: number,
    slots: number,
    count: number,
    query: number,
    out: number,
  ): void {
    this.#sumRows(rows, components, slots, count, query, out, (x, y) => (x - y) * (x - y));
  }

  dotProducts(
    rows: number,
    components: number,
    slots: number,
    count: number,
    query: number,
    out: number,
  ): void {
    this.#sumRows(rows, components, slots, count, query, out, (x, y) => x * y);
  }

  #sumRows(
    rows: number,
    components: number,
    slots: number,
    count: number,
    query: number,
    out: number,
    term: (query: number, row: number) => number,
  ): void {
    const { floats, unsigned, doubles } = this.#views;
    for (let i = 0; i < count; i++) {
      const row = (rows >> 2) + (unsigned[(slots >> 2) + i] as number) * components;
      let sum = 0;
      for (let j = 0; j < components; j++) {
        sum += term(doubles[(query >> 3) + j] as number, floats[row + j] as number);
      }
      doubles[(out >> 3) + i] = sum;
    }
  }
}

interface Views {
  readonly buffer: ArrayBuffer;
  readonly bytes: Uint8Array;
  readonly signedBytes: Int8Array;
  readonly shorts: Int16Array;
  readonly integers: Int32Array;
  readonly unsigned: Uint32Array;
  readonly floats: Float32Array;
  readonly doubles: Float64Array;
}

function viewsOf(buffer: ArrayBuffer): Views {
  return {
    buffer,
    bytes: new Uint8Array(buffer),
    signedBytes: new Int8Array(buffer),
    shorts: new Int16Array(buffer),
    integers: new Int32Array(buffer),
    unsigned: new Uint32Array(buffer),
    floats: new Float32Array(buffer),
    doubles: new Float64Array(buffer, 0, buffer.byteLength >> 3),
  };
}
