import { TypeScriptMemory } from './typescript-kernel.js';
import { compileWasmKernel, WasmMemory } from './wasm/wasm-kernel.js';

/** Which code runs the inner loops. Both give the same bits; WebAssembly is about ten times as fast. */
export type Implementation = 'wasm' | 'typescript';

/**
 * A growable block of bytes and the loops that run over it. Addresses are byte offsets into `buffer`;
 * whoever owns the memory (a `CodeTable`) decides what lies where.
 */
export interface KernelMemory {
  /** The bytes. Another object after each growth. */
  readonly buffer: ArrayBuffer;
  /**
   * Makes the memory at least `bytes` long, contents kept, new bytes zero.
   * @throws RangeError when that is more than the implementation or the machine can give.
   */
  grow(bytes: number): void;
  /** Integer products of `rows` (a multiple of 4) tiled rows with the query: see assembly/kernel.ts. */
  dotRows(codes: number, stride: number, rows: number, query: number, out: number): void;
  /** Writes the rows that pass the quick inner product test to `hits` and returns how many. */
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
  /** Writes the rows that pass the quick Euclidean test to `hits` and returns how many. */
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
}

/** Makes memories of one implementation. Cheap to keep, safe to share between tables. */
export interface Kernel {
  readonly implementation: Implementation;
  /** A fresh zeroed memory. Dropping every reference to it is what frees it. */
  createMemory(bytes: number): KernelMemory;
}

export interface KernelOptions {
  /**
   * - `auto` (default): WebAssembly where the engine has its SIMD instructions, else TypeScript
   * - `wasm`: WebAssembly, or an error
   * - `typescript`: plain TypeScript
   */
  readonly implementation?: 'auto' | Implementation;
}

/**
 * Chooses the implementation of the inner loops.
 *
 * @throws Error when `wasm` is asked for and the engine has no WebAssembly SIMD; TypeError on another value.
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

/** The kernel of tables that were not given one: `auto`. */
export function defaultKernel(): Kernel {
  automatic ??= createKernel();
  return automatic;
}

const typeScriptKernel: Kernel = {
  implementation: 'typescript',
  createMemory: (bytes) => new TypeScriptMemory(bytes),
};
let automatic: Kernel | undefined;
