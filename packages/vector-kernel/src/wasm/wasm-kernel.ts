import type { KernelMemory } from '../kernel.js';
import { KERNEL_WASM_BASE64 } from './binary.js';

// The package has no dependencies, not even on the WebAssembly typings of the DOM or Node: this is all it uses.
interface LinearMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: unknown };
  Memory: new (limits: { initial: number; maximum: number }) => LinearMemory;
}

type Loops = Omit<KernelMemory, 'buffer' | 'grow'>;

const PAGE = 65536;
const MAX_PAGES = 65536;

export interface CompiledKernel {
  readonly api: WebAssemblyApi;
  readonly module: object;
}

let compiled: CompiledKernel | undefined;

/** Returns the compiled module; undefined if the engine has no WebAssembly or no SIMD. */
export function compileWasmKernel(): CompiledKernel | undefined {
  if (compiled === undefined) {
    const api = (globalThis as { readonly WebAssembly?: WebAssemblyApi }).WebAssembly;
    if (api === undefined) return undefined;
    const bytes = Uint8Array.from(atob(KERNEL_WASM_BASE64), (character) => character.charCodeAt(0));
    if (!api.validate(bytes)) return undefined;
    compiled = { api, module: new api.Module(bytes) };
  }
  return compiled;
}

/**
 * WebAssembly memory with its own instance of the loops. One per table, because linear memory can only grow: the memory
 * of a dropped table is freed when it is collected, that of a shared one never would be. The engine reserves address
 * space for each, enough for thousands of tables.
 */
export class WasmMemory implements KernelMemory {
  readonly dotRows: Loops['dotRows'];
  readonly filterInnerProduct: Loops['filterInnerProduct'];
  readonly filterEuclidean: Loops['filterEuclidean'];
  readonly squaredDistances: Loops['squaredDistances'];
  readonly dotProducts: Loops['dotProducts'];
  readonly #memory: LinearMemory;

  constructor({ api, module }: CompiledKernel, bytes: number) {
    this.#memory = new api.Memory({ initial: pagesFor(bytes), maximum: MAX_PAGES });
    const loops = new api.Instance(module, { env: { memory: this.#memory } }).exports as Loops;
    this.dotRows = loops.dotRows;
    this.filterInnerProduct = loops.filterInnerProduct;
    this.filterEuclidean = loops.filterEuclidean;
    this.squaredDistances = loops.squaredDistances;
    this.dotProducts = loops.dotProducts;
  }

  get buffer(): ArrayBuffer {
    return this.#memory.buffer;
  }

  grow(bytes: number): void {
    const missing = pagesFor(bytes) - this.#memory.buffer.byteLength / PAGE;
    if (missing > 0) this.#memory.grow(missing);
  }
}

function pagesFor(bytes: number): number {
  const pages = Math.ceil(bytes / PAGE);
  if (pages > MAX_PAGES) {
    throw new RangeError(
      'A table holds at most 4 GiB of codes: split it, and merge the nearest of the parts',
    );
  }
  return pages;
}
