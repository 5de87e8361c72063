import { resetWithoutLogging, type SqliteDriver, textOf } from '@switchyard/sqlite-common';
import { type EmbeddingProfile, type ReconcilePolicy, StorageError } from '@switchyard/storage-core';
import {
  checkProfileRequest,
  compareProfiles,
  completeProfile,
  modelChanged,
  type ProfileRequest,
  type ReconcileResult,
} from '@switchyard/storage-core/backend';
import { BACKEND_NAME, capabilities } from '../capabilities.js';
import { readMeta, writeMeta } from '../schema/meta.js';
import { createVectorTable, dropVectorTable } from '../schema/vector-table.sql.js';
import { restartAllGenerations } from './generations.js';

/** Embedding profile as text, as items of a SELECT list. See {@link toSpace}. */
export const PROFILE_COLUMNS = ['model', 'dimension', 'metric']
  .map((name) =>
    textOf(
      `(SELECT value FROM switchyard_meta WHERE key = 'embedding_${name}')`,
      name,
      'switchyard_meta.value',
    ),
  )
  .join(',\n    ');

const COUNT_VECTORS = `
  SELECT count(*) AS n FROM document_vectors`;

/** Reads the embedding profile of the store; null before the first `reconcile`. */
export function readProfile(driver: SqliteDriver): EmbeddingProfile | null {
  return profileIn(readMeta(driver));
}

/** Returns the embedding profile among the metadata of a store. */
export function profileIn(meta: ReadonlyMap<string, string>): EmbeddingProfile | null {
  const space = toSpace(meta.get('embedding_dimension'), meta.get('embedding_metric'));
  return space === null ? null : { model: meta.get('embedding_model') ?? null, ...space };
}

/** Part of an embedding profile that determines distances. */
export type VectorSpace = Pick<EmbeddingProfile, 'dimension' | 'metric'>;

/**
 * Returns the vector space from stored metadata; null before the first `reconcile`.
 *
 * @throws StorageError `STORAGE_CORRUPT` for an invalid value: with another metric or dimension, searches would return
 * other chunks.
 */
export function toSpace(
  dimension: string | null | undefined,
  metric: string | null | undefined,
): VectorSpace | null {
  if ((dimension ?? null) === null) return null;
  const components = Number(dimension);
  if (!/^\d+$/.test(String(dimension)) || components < 1 || components > capabilities.maxDimension)
    throw damaged('embedding_dimension', 'a dimension');
  // Stores without a metric are older than the choice.
  if (metric !== 'l2' && metric !== 'cosine' && (metric ?? null) !== null)
    throw damaged('embedding_metric', 'a metric');
  return { dimension: components, metric: metric === 'l2' ? 'l2' : 'cosine' };
}

function damaged(key: string, what: string): StorageError {
  return new StorageError(
    'STORAGE_CORRUPT',
    `The value of '${key}' in switchyard_meta is not ${what}: the file of the store is damaged. Restore a backup.`,
    { backend: BACKEND_NAME },
  );
}

/** Checks the requested profile and completes it from that of the store. @throws StorageError, TypeError. */
export function requestedProfile(stored: EmbeddingProfile | null, request: ProfileRequest): EmbeddingProfile {
  checkProfileRequest(BACKEND_NAME, capabilities, request);
  return completeProfile(capabilities, stored, request);
}

/**
 * Does the part of `VectorIndex.reconcile` that needs no write: accepts a store that has the profile, and refuses one that
 * has another. Most openings change nothing, and should not wait for writers.
 *
 * @returns Null if the store must be written.
 */
export function reconcileWithoutWriting(
  driver: SqliteDriver,
  request: ProfileRequest,
  policy: ReconcilePolicy,
): ReconcileResult | null {
  checkProfileRequest(BACKEND_NAME, capabilities, request);
  if (policy === 'reset') return null;
  const stored = readProfile(driver);
  const profile = completeProfile(capabilities, stored, request);
  if (stored !== null && policy === 'refuse' && compareProfiles(stored, profile) === 'changed')
    throw modelChanged(BACKEND_NAME, stored, profile);
  return unchanged(stored, request);
}

/** See `VectorIndex.reconcile`. */
export function reconcileProfile(
  driver: SqliteDriver,
  request: ProfileRequest,
  policy: ReconcilePolicy,
): ReconcileResult {
  checkProfileRequest(BACKEND_NAME, capabilities, request);
  return driver.transaction(() => {
    const previous = readProfile(driver);
    const profile = completeProfile(capabilities, previous, request);
    if (policy === 'reset' && previous !== null) return resetProfile(driver, previous, profile);
    const result = unchanged(previous, request); // another writer may have been faster
    if (result !== null) return result;
    if (previous === null) {
      createVectorTable(driver, profile.dimension);
    } else if (compareProfiles(previous, profile) === 'changed') {
      if (policy === 'refuse') throw modelChanged(BACKEND_NAME, previous, profile);
      return resetProfile(driver, previous, profile);
    }
    writeProfile(driver, profile);
    return { outcome: 'adopted', profile, previous, vectorsDropped: 0 };
  });
}

function resetProfile(
  driver: SqliteDriver,
  previous: EmbeddingProfile,
  profile: EmbeddingProfile,
): ReconcileResult {
  const vectorsDropped = driver.first<{ n: number }>(COUNT_VECTORS)?.n ?? 0;
  resetWithoutLogging(driver, () => {
    dropVectorTable(driver);
    createVectorTable(driver, profile.dimension);
    restartAllGenerations(driver);
  });
  writeProfile(driver, profile);
  return { outcome: 'reset', profile, previous, vectorsDropped };
}

function unchanged(stored: EmbeddingProfile | null, request: ProfileRequest): ReconcileResult | null {
  if (stored === null) return null;
  const profile = completeProfile(capabilities, stored, request);
  if (compareProfiles(stored, profile) !== 'same') return null;
  return { outcome: 'unchanged', profile, previous: stored, vectorsDropped: 0 };
}

/** Writes the embedding profile of the store. Must run in the transaction that changes its vectors. */
export function writeProfile(driver: SqliteDriver, { model, dimension, metric }: EmbeddingProfile): void {
  writeMeta(driver, 'embedding_model', model);
  writeMeta(driver, 'embedding_dimension', String(dimension));
  writeMeta(driver, 'embedding_metric', metric);
}
