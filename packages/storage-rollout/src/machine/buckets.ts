import { createHash } from 'node:crypto';

/** Libraries that are to move: a percentage of all, and lists. */
export interface Selection {
  /** Percentage of all libraries, 0 to 100. Raising it only adds libraries. */
  readonly percentage: number;
  /** Names of libraries that move at any percentage. */
  readonly include: readonly string[];
  /** Names of libraries that do not move at any percentage; wins over `include`. */
  readonly exclude: readonly string[];
}

/** Number of buckets: a percentage has two decimals. */
export const BUCKETS = 10_000;

/** Returns the bucket of a library, the same in every process and release. Names are case-insensitive. */
export function bucketOf(library: string): number {
  const hash = createHash('sha256').update(library.toLowerCase()).digest();
  return Number(hash.readBigUInt64BE(0) % BigInt(BUCKETS));
}

/**
 * Returns true when a library is to be on the new side.
 *
 * @throws TypeError for a percentage outside of 0 to 100.
 *
 * @example
 * ```ts
 * console.log(isSelected('fastify', { percentage: 0, include: ['fastify'], exclude: [] })); // true
 * ```
 */
export function isSelected(library: string, { percentage, include, exclude }: Selection): boolean {
  if (!(percentage >= 0 && percentage <= 100)) {
    throw new TypeError(`percentage must be a number from 0 to 100, not ${percentage}.`);
  }
  const isNamed = (names: readonly string[]) =>
    names.some((name) => name.toLowerCase() === library.toLowerCase());
  if (isNamed(exclude)) return false;
  return isNamed(include) || bucketOf(library) < (percentage / 100) * BUCKETS;
}
