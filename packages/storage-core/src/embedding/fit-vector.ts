import { StorageError } from '../errors/storage-error.js';
import { checkVector } from '../runtime/validate.js';
import type { Embedder } from './embedder.js';

/** Origin of a vector for {@link fitVector}. */
export interface FitVectorOptions {
  /** Embedder that made the vector; says if it may be cut. Default: it may not. */
  readonly embedder?: Pick<Embedder, 'model' | 'truncatable'> | undefined;
  /** Name of the vector in messages. Default `The vector`. */
  readonly what?: string | undefined;
}

/**
 * Fits a vector to the dimension of a store. A shorter one is padded with zeros. A longer one of a `truncatable`
 * embedder is cut and scaled to length 1, as Matryoshka models require; any other longer one is rejected.
 *
 * @returns The vector itself if it has this dimension.
 * @throws StorageError `STORAGE_DIMENSION_MISMATCH`, `STORAGE_INVALID_VECTOR`; TypeError unless it is a Float32Array.
 *
 * @example
 * ```ts
 * fitVector(Float32Array.of(0.6, 0.8), 3); // Float32Array [0.6, 0.8, 0]
 * const truncating = { model: 'openai:text-embedding-3-small', truncatable: true };
 * fitVector(Float32Array.of(0.3, 0.4, 0.5), 2, { embedder: truncating }); // Float32Array [0.6, 0.8]
 * ```
 */
export function fitVector(
  vector: Float32Array,
  dimension: number,
  { embedder, what = 'The vector' }: FitVectorOptions = {},
): Float32Array {
  checkVector(vector, undefined, what);
  if (vector.length === dimension) return vector;
  if (vector.length > dimension) {
    if (embedder?.truncatable === true) return toUnitLength(vector.slice(0, dimension));
    if (embedder === undefined) checkVector(vector, dimension, what);
    else throw tooFewComponents(`The store has vectors of ${dimension}`, embedder, vector.length, dimension);
  }
  const padded = new Float32Array(dimension);
  padded.set(vector);
  return padded;
}

/**
 * Error for a dimension below that of the model.
 *
 * @param found Sentence about the smaller dimension, without its full stop.
 */
export function tooFewComponents(
  found: string,
  { model }: Pick<Embedder, 'model'>,
  ofModel: number,
  dimension: number,
): StorageError {
  return new StorageError(
    'STORAGE_DIMENSION_MISMATCH',
    `${found}, below the ${ofModel} of ${model}. Use the dimension ${ofModel} (a store with other vectors must be ` +
      `reset or re-embedded), let the model make vectors of ${dimension} and declare \`dimension: ${dimension}\` on the ` +
      'embedder, or, if its vectors may be cut (Matryoshka), declare `truncatable: true` on it.',
    { outcome: 'not-applied', details: { expected: dimension, actual: ofModel, model } },
  );
}

/** Scales a vector to length 1 in place; one of length 0 stays unchanged. */
function toUnitLength(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, component) => sum + component * component, 0));
  if (length === 0) return vector;
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) / length;
  return vector;
}
