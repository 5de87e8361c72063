import type { ComparedStore, CompareQuery } from '../types.js';
import type { CompareOptions } from './compare-stores.js';

/**
 * Checks what a comparison is given before anything is searched.
 *
 * @throws TypeError that names the field.
 */
export function checkComparison(
  stores: readonly ComparedStore[],
  queries: readonly CompareQuery[],
  { repeat, warmUp, resamples, seed, tieTolerance, persistence }: CompareOptions,
): void {
  if (!Array.isArray(stores) || stores.length < 2) throw new TypeError('stores must be at least two.');
  if (new Set(stores.map(({ name }) => name)).size < stores.length) {
    throw new TypeError('stores must have distinct names.');
  }
  if (!Array.isArray(queries) || queries.length === 0) throw new TypeError('queries must not be empty.');
  for (const [index, { vectors, limit }] of queries.entries()) {
    if (!Array.isArray(vectors) || vectors.length !== stores.length) {
      throw new TypeError(`queries[${index}].vectors must have one element for each store.`);
    }
    if (!Number.isSafeInteger(limit) || limit < 0) {
      throw new TypeError(`queries[${index}].limit must be a whole number from 0.`);
    }
  }
  checkWhole('repeat', repeat, 1);
  checkWhole('warmUp', warmUp, 0);
  checkWhole('resamples', resamples, 1);
  if (seed !== undefined && !Number.isSafeInteger(seed)) throw new TypeError('seed must be a whole number.');
  if (tieTolerance !== undefined && !(tieTolerance >= 0)) {
    throw new TypeError('tieTolerance must be a number from 0.');
  }
  if (persistence !== undefined && !(persistence > 0 && persistence < 1)) {
    throw new TypeError('persistence must be a number between 0 and 1.');
  }
}

function checkWhole(name: string, value: number | undefined, min: number): void {
  if (value !== undefined && !(Number.isSafeInteger(value) && value >= min)) {
    throw new TypeError(`${name} must be a whole number from ${min}.`);
  }
}
