import type { ChunkId } from '@switchyard/storage-core';
import { VectorRows } from '@switchyard/vector-kernel';
import type { VectorSpace } from './profile.js';

/** Bytes that a vector takes besides its components: its entry in the map, and what its distance needs. */
const BYTES_PER_ROW = 64;

/**
 * Vectors of a version at one generation that were fetched before. Searches keep what they fetch, so a version that is
 * searched often is soon measured without the database. Memory is reserved for all of its vectors.
 */
export class KeptVectors {
  readonly #space: VectorSpace;
  readonly #capacity: number;
  readonly #rows: VectorRows;
  readonly #slotOf = new Map<ChunkId, number>();

  /**
   * @param capacity number of vectors of the version
   * @throws RangeError if there is not enough memory
   */
  constructor(space: VectorSpace, capacity: number) {
    this.#space = space;
    this.#capacity = capacity;
    this.#rows = new VectorRows({ dimension: space.dimension, capacity });
  }

  /** Returns the size of a number of vectors in bytes. */
  static bytesFor(dimension: number, capacity: number): number {
    return capacity * (dimension * Float32Array.BYTES_PER_ELEMENT + BYTES_PER_ROW);
  }

  get byteLength(): number {
    return KeptVectors.bytesFor(this.#space.dimension, this.#capacity);
  }

  /** Returns those of the chunks whose vectors are not kept. */
  missing(ids: Float64Array): Float64Array {
    return ids.filter((id) => !this.#slotOf.has(id));
  }

  /**
   * Keeps vectors, concatenated in the order of their ids.
   *
   * @returns False, and keeps nothing, if the version has more vectors than it had: it changed without a new generation.
   */
  add(ids: Float64Array, vectors: Float32Array): boolean {
    if (this.#rows.count + ids.length > this.#capacity) return false;
    const first = this.#rows.append(vectors);
    for (let i = 0; i < ids.length; i++) this.#slotOf.set(ids[i] as number, first + i);
    return true;
  }

  /**
   * Returns the distances of kept vectors, bit by bit those of `distance()` of storage-core.
   *
   * @returns NaN for a vector that is not finite
   */
  distances(query: Float32Array, ids: Float64Array): Float64Array {
    const slots = new Int32Array(ids.length);
    for (let i = 0; i < ids.length; i++) slots[i] = this.#slotOf.get(ids[i] as number) ?? 0;
    return this.#rows.distances(this.#space.metric, query, slots);
  }
}
