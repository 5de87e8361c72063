import { StorageError } from '../errors/storage-error.js';
import type { Capabilities } from '../ports/capabilities.js';
import type { ProfileRequest } from '../ports/vector-index.js';
import type { Mutation } from '../values/mutations.js';
import type { EmbeddingProfile } from '../values/profile.js';
import { toWellFormed, wellFormed } from '../values/well-formed.js';

/**
 * Checks a requested profile before anything is read or written.
 *
 * @throws TypeError for an invalid profile; StorageError `STORAGE_NOT_SUPPORTED` for a metric or a dimension that the
 * backend does not declare.
 */
export function checkProfileRequest(
  backend: string,
  { metrics, maxDimension }: Capabilities,
  { model, dimension, metric }: ProfileRequest,
): void {
  if (model !== null && (typeof model !== 'string' || model === '')) {
    throw new TypeError('The model must be a name, or null where it is not known.');
  }
  if (!Number.isSafeInteger(dimension) || dimension < 1) {
    throw new TypeError(`The dimension must be a whole number from 1, not ${String(dimension)}.`);
  }
  if (metric !== undefined && !metrics.includes(metric)) {
    throw new StorageError(
      'STORAGE_NOT_SUPPORTED',
      `The ${backend} backend supports the metric ${metrics.join(' or ')}, not ${String(metric)}. Omit the metric, or ` +
        'use another backend.',
      { backend, outcome: 'not-applied', details: { capability: `metrics:${metric}` } },
    );
  }
  if (dimension > maxDimension) {
    throw new StorageError(
      'STORAGE_NOT_SUPPORTED',
      `The ${backend} backend supports up to ${maxDimension} dimensions, not ${dimension}. Use a model with ` +
        'shorter vectors, or another backend.',
      { backend, outcome: 'not-applied', details: { capability: 'maxDimension' } },
    );
  }
}

/** Error for a store with vectors of another profile than requested. */
export function modelChanged(
  backend: string,
  stored: EmbeddingProfile,
  wanted: EmbeddingProfile,
): StorageError {
  return new StorageError(
    'STORAGE_MODEL_CHANGED',
    `The store has vectors of ${describeProfile(stored)}, but ${describeProfile(wanted)} was requested.`,
    {
      backend,
      outcome: 'not-applied',
      details: {
        storedModel: stored.model,
        storedDimension: stored.dimension,
        storedMetric: stored.metric,
        wantedModel: wanted.model,
        wantedDimension: wanted.dimension,
        wantedMetric: wanted.metric,
      },
    },
  );
}

/**
 * Rejects vectors of another model than the store's. Must run in the transaction that then searches or writes.
 *
 * @param model Model of the vectors; null or undefined if the caller does not specify it.
 * @throws StorageError `STORAGE_MODEL_CHANGED`.
 */
export function requireModel(
  backend: string,
  stored: EmbeddingProfile | null,
  model: string | null | undefined,
): void {
  if (model == null || stored === null || stored.model === null || stored.model === toWellFormed(model))
    return;
  throw new StorageError(
    'STORAGE_MODEL_CHANGED',
    `The store has vectors of ${describeProfile(stored)}, not of ${model}: its model was changed. Reopen it with ` +
      'its current model.',
    {
      backend,
      outcome: 'not-applied',
      details: { storedModel: stored.model, storedDimension: stored.dimension, wantedModel: model },
    },
  );
}

/** Calls {@link requireModel} for every page that specifies the model of its vectors. */
export function requireModels(
  backend: string,
  stored: EmbeddingProfile | null,
  mutations: readonly Mutation[],
): void {
  for (const mutation of mutations) {
    if (mutation.kind === 'replacePage') requireModel(backend, stored, mutation.model);
  }
}

/** Completes a requested profile. Default of the metric: that of the store, else the backend's first. */
export function completeProfile(
  { metrics }: Pick<Capabilities, 'metrics'>,
  stored: EmbeddingProfile | null,
  { model, dimension, metric }: ProfileRequest,
): EmbeddingProfile {
  return { model: wellFormed(model), dimension, metric: metric ?? stored?.metric ?? metrics[0] };
}

/**
 * Relation of the stored profile to the requested one. `adoptable`: the store has none, or has vectors of the same
 * dimension and metric whose model was never recorded; adopting the requested profile drops nothing. `changed`: the
 * vectors of the store cannot be used with it.
 */
export type ProfileFit = 'same' | 'adoptable' | 'changed';

/** Compares the stored profile with the requested one, by the rule of all backends. */
export function compareProfiles(stored: EmbeddingProfile | null, wanted: EmbeddingProfile): ProfileFit {
  if (stored === null) return 'adoptable';
  if (isSameProfile(stored, wanted)) return 'same';
  return isSameProfile({ ...stored, model: stored.model ?? wanted.model }, wanted) ? 'adoptable' : 'changed';
}

/** Returns true if two profiles have the same model, dimension and metric. */
export function isSameProfile(a: EmbeddingProfile, b: EmbeddingProfile): boolean {
  return a.model === b.model && a.dimension === b.dimension && a.metric === b.metric;
}

/** Formats a profile for messages. */
export function describeProfile({ model, dimension, metric }: EmbeddingProfile): string {
  return `${model ?? 'an unknown model'} (${dimension} components, ${metric})`;
}
