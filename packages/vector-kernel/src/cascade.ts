import type { CodeTable } from './code-table.js';
import { asFloat32, type VectorData } from './float32.js';
import { defaultKernel, type Kernel, type KernelMemory } from './kernel.js';
import { assertK } from './scan.js';
import type { ScanResult } from './scan-result.js';

// Approximate search in three steps: one bit per component chooses some thousands of rows, their 8-bit codes
// choose some tens, and these are measured exactly. A bit says on which side of the centre of all rows a
// component lies: vectors of one model share an offset, and bits about zero would mostly agree.
//
// Opt-in, because it can miss: the choice by bits carries no proof. Measure its recall on real vectors.

export interface CascadeOptions {
  /** Default: `createKernel()`. */
  readonly kernel?: Kernel;
}

export interface CascadeScanOptions {
  /** Rows that the bits let through to the 8-bit codes. Default 2,000; at least k are taken. */
  readonly survivors?: number;
}

/** Rows whose mean is taken as the centre, at most; evenly spread over the table. */
const SAMPLE = 10_000;
const BITS_PER_STEP = 128;

/**
 * One bit per component beside a `CodeTable`, for approximate search. Takes dimension/8 bytes and 4 more a
 * row, and follows the table: after a change it is computed anew at the next scan (at about the speed of
 * reading the codes one by one), so it suits tables that are read far more often than written.
 */
export class Cascade {
  readonly #table: CodeTable;
  readonly #kernel: Kernel;
  readonly #stride: number;
  readonly #center: Float64Array;
  #memory: KernelMemory | undefined;
  #revision = -1;

  constructor(table: CodeTable, options: CascadeOptions = {}) {
    this.#table = table;
    this.#kernel = options.kernel ?? defaultKernel();
    this.#stride = Math.ceil(table.dimension / BITS_PER_STEP) * (BITS_PER_STEP / 8);
    this.#center = new Float64Array(table.dimension);
  }

  /** Bytes of memory held beside the table's. */
  get byteLength(): number {
    return (this.#memory?.buffer.byteLength ?? 0) + this.#center.byteLength;
  }

  /**
   * Candidates for the k nearest, as {@link CodeTable.scan} gives them, but certain only among the rows that
   * survive the comparison of bits. `examined` is their number.
   *
   * @throws RangeError as {@link CodeTable.scan}, and when `survivors` is not a whole number.
   */
  scan(query: VectorData, k: number, options: CascadeScanOptions = {}): ScanResult {
    assertK(k);
    const { survivors: wanted = 2000 } = options;
    if (!Number.isSafeInteger(wanted) || wanted < 0) {
      throw new RangeError(`survivors must be a whole number, 0 or more, not ${String(wanted)}`);
    }
    const survivors = Math.max(k, wanted);
    const values = asFloat32(query, 1, this.#table.dimension);
    const nothingToSave = survivors >= this.#table.count || values.every((value) => value === 0);
    if (nothingToSave || k === 0) return this.#table.scan(values, k);
    return this.#table.scanRows(values, k, this.#nearestByBits(values, survivors));
  }

  #nearestByBits(query: Float32Array, survivors: number): Uint32Array {
    const memory = this.#upToDate();
    const count = this.#table.count;
    const out = this.#stride * (1 + count);
    const bits = new Uint8Array(memory.buffer, 0, this.#stride).fill(0);
    const norm = Math.sqrt(query.reduce((sum, value) => sum + value * value, 0));
    const unit = this.#table.metric === 'cosine' ? 1 / norm : 1;
    for (let j = 0; j < query.length; j++) this.#setBit(bits, 0, j, (query[j] as number) * unit);
    memory.hammingRows(this.#stride, this.#stride, count, 0, out);

    // There are only dimension + 1 different results, so counting them finds the limit in O(n).
    const distances = new Int32Array(memory.buffer, out, count);
    const histogram = new Uint32Array(query.length + 2);
    for (let row = 0; row < count; row++) {
      const differing = distances[row] as number;
      histogram[differing] = (histogram[differing] as number) + 1;
    }
    let limit = 0;
    let within = histogram[0] as number;
    while (within < survivors) within += histogram[++limit] as number;
    const rows = new Uint32Array(within);
    let kept = 0;
    for (let row = 0; row < count; row++) {
      if ((distances[row] as number) <= limit) rows[kept++] = row;
    }
    return rows;
  }

  /** The bits of the table as it is now: [ query | rows | results ]. */
  #upToDate(): KernelMemory {
    const table = this.#table;
    if (this.#memory !== undefined && this.#revision === table.revision) return this.#memory;
    this.#findCenter();
    const bytes = this.#stride * (1 + table.count) + table.count * 4;
    const memory = this.#memory ?? this.#kernel.createMemory(bytes);
    memory.grow(bytes);
    const bits = new Uint8Array(memory.buffer);
    bits.fill(0, 0, this.#stride * (1 + table.count));
    const center = this.#center;
    table.forEachRow((row, scale, codes) => {
      let at = this.#stride * (1 + row);
      for (let first = 0; first < codes.length; first += 8) {
        const end = Math.min(first + 8, codes.length);
        let byte = 0;
        for (let j = first; j < end; j++) {
          // Without a branch: which way it would go is as good as random.
          byte |= Number(scale * (codes[j] as number) > (center[j] as number)) << (j & 7);
        }
        bits[at++] = byte;
      }
    });
    this.#memory = memory;
    this.#revision = table.revision;
    return memory;
  }

  #findCenter(): void {
    const step = Math.max(1, Math.floor(this.#table.count / SAMPLE));
    let sampled = 0;
    const center = this.#center.fill(0);
    this.#table.forEachRow((_, scale, codes) => {
      sampled++;
      for (let j = 0; j < codes.length; j++) center[j] = (center[j] as number) + scale * (codes[j] as number);
    }, step);
    for (let j = 0; j < center.length; j++) center[j] = (center[j] as number) / sampled;
  }

  #setBit(bits: Uint8Array, offset: number, component: number, value: number): void {
    if (value <= (this.#center[component] as number)) return;
    const at = offset + (component >> 3);
    bits[at] = (bits[at] as number) | (1 << (component & 7));
  }
}
