/** Chunk sizes in characters (UTF-16 code units). */
export interface ChunkSizes {
  /** Minimum size; smaller chunks are merged with a neighbor where possible. Default: 200. */
  readonly min?: number | undefined;
  /** Preferred size up to which blocks are collected. Default: 1000. */
  readonly preferred?: number | undefined;
  /** Maximum size. A block up to this size, such as a long example, is not split. Default: 2000. */
  readonly max?: number | undefined;
}

/** {@link ChunkSizes} with the defaults filled in. */
export type FullChunkSizes = { readonly [K in keyof ChunkSizes]-?: number };

/**
 * Fills in the defaults.
 *
 * @throws TypeError unless min ≤ preferred ≤ max and preferred is at least 16.
 */
export function toFullSizes(sizes: ChunkSizes = {}): FullChunkSizes {
  const { min = 200, preferred = 1000, max = 2000 } = sizes;
  const whole = [min, preferred, max].every((size) => Number.isSafeInteger(size) && size >= 0);
  if (!whole || min > preferred || preferred > max || preferred < 16) {
    throw new TypeError('Chunk sizes must be integers with 0 ≤ min ≤ preferred ≤ max and preferred ≥ 16.');
  }
  return { min, preferred, max };
}
