import { TypeScriptMemory } from './typescript-kernel.js';
import { compileWasmKernel, WasmMemory } from './wasm/wasm-kernel.js';

/** Implementation of the inner loops. Both give identical bits; WebAssembly is about ten times as fast. */
export type Implementation = 'wasm' | 'typescript';

/**
 * Growable block of bytes and the loops that run over it. Internal: the owner of the memory (a `CodeTable`) defines the
 * layout. Addresses are byte offsets into `buffer`.
 */
export interface KernelMemory {
  /** The bytes; a new object after each growth. */
  readonly buffer: ArrayBuffer;
  /**
   * Grows the memory to at least `bytes`; keeps its contents and zeroes the new bytes.
   *
   * @throws RangeError if the size exceeds the limit of the implementation or the available memory.
   */
  grow(bytes: number): void;
  /** Integer products of `rows` (a multiple of 4) tiled rows with the query: see assembly/kernel.ts. */
  dotRows(codes: number, stride: number, rows: number, query: number, out: number): void;
  /** Writes the rows that pass the quick inner product test to `hits` and returns their number. */
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
  ): number;
  /** Writes the rows that pass the quick Euclidean test to `hits` and returns their number. */
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
  ): number;
  /** Squared distances of chosen rows from the query, in float64: see assembly/kernel.ts. */
  squaredDistances(
    rows: number,
    components: number,
    slots: number,
    count: number,
    query: number,
    out: number,
  ): void;
  /** Products of chosen rows with the query, in float64: see assembly/kernel.ts. */
  dotProducts(
    rows: number,
    components: number,
    slots: number,
    count: number,
    query: number,
    out: number,
  ): void;
}

/** Creates memories of one implementation. Can be kept and shared between tables. */
export interface Kernel {
  readonly implementation: Implementation;
  /** Creates a zeroed memory, freed by garbage collection. Internal. */
  createMemory(bytes: number): KernelMemory;
}

export interface KernelOptions {
  /**
   * Implementation to use:
   * - `auto` (default): WebAssembly if the engine supports SIMD, else TypeScript
   * - `wasm`: WebAssembly; throws if it is not available
   * - `typescript`: plain TypeScript
   */
  readonly implementation?: 'auto' | Implementation;
}

/**
 * Chooses the implementation of the inner loops.
 *
 * @throws Error if `wasm` is requested and the engine has no WebAssembly SIMD; TypeError on an unknown value.
 */
export function createKernel(options: KernelOptions = {}): Kernel {
  const wanted = options.implementation ?? 'auto';
  if (wanted === 'typescript') return typeScriptKernel;
  if (wanted !== 'auto' && wanted !== 'wasm') {
    throw new TypeError(`Unknown implementation ${JSON.stringify(wanted)}; use auto, wasm or typescript`);
  }
  const compiled = compileWasmKernel();
  if (compiled !== undefined) {
    return { implementation: 'wasm', createMemory: (bytes) => new WasmMemory(compiled, bytes) };
  }
  if (wanted === 'wasm') throw new Error('This JavaScript engine has no WebAssembly SIMD');
  return typeScriptKernel;
}

/** Default kernel of tables: `auto`. */
export function defaultKernel(): Kernel {
  automatic ??= createKernel();
  return automatic;
}

const typeScriptKernel: Kernel = {
  implementation: 'typescript',
  createMemory: (bytes) => new TypeScriptMemory(bytes),
};
let automatic: Kernel | undefined;
