import type { Metric } from '@switchyard/storage-core';

/** Lengths between which float32 neither overflows nor loses the small components of a vector. */
const [LENGTH_MIN, LENGTH_MAX] = [1e-10, 1e10];

/** Half the distance between 1 and the next float32. */
const ROUNDING = 2 ** -24;

/**
 * Returns true for a vector whose float32 distances may be entirely wrong: infinite, not a number, or zero. Also for a
 * vector of zeros, whose cosine distance pgvector does not define.
 */
export function isExtreme(vector: Float32Array): boolean {
  let sum = 0;
  for (const component of vector) sum += component * component;
  return !(sum >= LENGTH_MIN ** 2 && sum <= LENGTH_MAX ** 2);
}

/**
 * Returns how much a float32 distance has to be enlarged so that it certainly is not below the exact one of a chunk that is
 * as near. Each of the sums of a distance has one rounding per component and a few more. The relative error of a sum of
 * squares is at most their number, that of a cosine is absolute; both are doubled for the two distances that are compared,
 * and doubled again, since compilers may reorder the sums.
 */
export function roughError(
  metric: Metric,
  dimension: number,
): { readonly factor: number; readonly margin: number } {
  const error = 4 * (dimension + 4) * ROUNDING;
  return metric === 'l2' ? { factor: 1 + error, margin: 1e-15 } : { factor: 1, margin: error };
}
