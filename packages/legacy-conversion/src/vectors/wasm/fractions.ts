import { FRACTIONS_WASM_BASE64 } from './binary.js';

/** Powers of ten that float64 represents exactly. */
const POWERS = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

/** Memory layout, in bytes: see assembly/embedding-text.ts. */
const PLACE = 8 * POWERS.length;
const FLOATS = PLACE + 8;
/** Number of non-digit bytes after the text. */
const END = 8;
const PAGE = 65_536;

// The used part of WebAssembly, which neither ES2023 nor the types of Node.js declare.
interface LinearMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
interface WebAssemblyApi {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: unknown };
  Memory: new (limits: { initial: number }) => LinearMemory;
}

type ReadFractions = (text: number, out: number, from: number, count: number) => number;

/** Reads the usual numbers of an embedding in WebAssembly, in half the time of JavaScript. */
export class FractionReader {
  readonly #memory: LinearMemory;
  readonly #read: ReadFractions;
  #bytes = new Uint8Array(0);
  #text = 0;
  #count = 0;

  private constructor({ Module, Instance, Memory }: WebAssemblyApi) {
    this.#memory = new Memory({ initial: 1 });
    const module = new Module(Buffer.from(FRACTIONS_WASM_BASE64, 'base64'));
    const { exports } = new Instance(module, { env: { memory: this.#memory } });
    this.#read = (exports as { readonly readFractions: ReadFractions }).readFractions;
    new Float64Array(this.#memory.buffer, 0, POWERS.length).set(POWERS);
  }

  /** Creates a reader; null without WebAssembly, as with `node --jitless`. */
  static create(): FractionReader | null {
    const api = (globalThis as { readonly WebAssembly?: WebAssemblyApi }).WebAssembly;
    return api === undefined ? null : new FractionReader(api);
  }

  /** Begins with a text of `count` numbers. */
  begin(text: Uint8Array, count: number): void {
    this.#count = count;
    this.#text = FLOATS + 8 * Math.ceil(count / 2);
    const missing = Math.ceil((this.#text + text.length + END - this.#memory.buffer.byteLength) / PAGE);
    if (missing > 0) this.#memory.grow(missing);
    if (this.#bytes.buffer !== this.#memory.buffer) this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#bytes.set(text, this.#text);
    this.#bytes.fill(0, this.#text + text.length, this.#text + text.length + END);
  }

  /**
   * Continues reading.
   *
   * @param at Offset of the number in the text.
   * @param from Index of the number.
   * @returns Index of the first number that is not of the usual form, or not followed by the expected character; the
   * count if all were read. Its offset, or that after the closing bracket, is {@link place}.
   */
  read(at: number, from: number): number {
    return this.#read(this.#text + at, FLOATS, from, this.#count);
  }

  get place(): number {
    return (new Uint32Array(this.#memory.buffer, PLACE, 1)[0] as number) - this.#text;
  }

  /** All numbers, valid until the next text. The caller must set those that were not read. */
  get numbers(): Float32Array {
    return new Float32Array(this.#memory.buffer, FLOATS, this.#count);
  }
}
