import { StorageError } from '../errors/storage-error.js';
import type { MissingRequest, StageRequest } from '../ports/vector-staging.js';
import type { EmbeddingProfile } from '../values/profile.js';
import { describeProfile, isSameProfile } from './profile-checks.js';
import { checkId, checkLimit, checkVector } from './validate.js';

/** @throws TypeError */
export function checkMissingRequest({ after = 0, limit }: MissingRequest): void {
  checkLimit(after, 'after');
  checkLimit(limit, 'limit', 1);
}

/** Checks all vectors before any is staged. @throws StorageError as {@link checkVector}; TypeError. */
export function checkStageRequest({ profile, vectors }: StageRequest): void {
  for (const { chunkId, values } of vectors) {
    checkId(chunkId, 'chunkId');
    if (values !== null) checkVector(values, profile.dimension, `The new vector of chunk ${chunkId}`);
  }
}

/**
 * Returns the staged profile if it is the one that the caller expects.
 *
 * @param staged Null if nothing is staged.
 * @throws StorageError `STORAGE_STAGING_MISSING`, `STORAGE_STAGING_CONFLICT`.
 */
export function requireStaged(
  backend: string,
  staged: EmbeddingProfile | null,
  wanted: EmbeddingProfile | null,
): EmbeddingProfile {
  if (staged === null) {
    throw new StorageError(
      'STORAGE_STAGING_MISSING',
      'No vectors of another model are staged in this store: the re-embedding was not begun, was aborted, or is finished.',
      { backend, outcome: 'not-applied' },
    );
  }
  if (wanted !== null && !isSameProfile(staged, wanted)) {
    throw new StorageError(
      'STORAGE_STAGING_CONFLICT',
      `Vectors of ${describeProfile(staged)} are staged in this store, not of ${describeProfile(wanted)}. Continue with ` +
        'the staged model, or abort its re-embedding first.',
      {
        backend,
        outcome: 'not-applied',
        details: {
          stagedModel: staged.model,
          stagedDimension: staged.dimension,
          stagedMetric: staged.metric,
        },
      },
    );
  }
  return staged;
}

/** @throws StorageError `STORAGE_STAGING_INCOMPLETE` unless every chunk is finished. */
export function requireComplete(backend: string, missing: number): void {
  if (missing === 0) return;
  throw new StorageError(
    'STORAGE_STAGING_INCOMPLETE',
    `The store has ${missing} chunk${missing === 1 ? '' : 's'} without a vector of the new model. Stage vectors for them, then try again.`,
    { backend, outcome: 'not-applied', details: { missing } },
  );
}
