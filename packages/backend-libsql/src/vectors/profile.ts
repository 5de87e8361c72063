import { type SqliteDriver, textOf } from '@switchyard/sqlite-common';
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
import { startAllGenerationsAnew } from './generations.js';

/** What a store says of its vectors, all of it text: items of a SELECT list. See {@link toSpace}. */
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

/** What the vectors of the store are; null before that was said. */
export function readProfile(driver: SqliteDriver): EmbeddingProfile | null {
  return profileIn(readMeta(driver));
}

/** The profile among what a store says of itself. */
export function profileIn(meta: ReadonlyMap<string, string>): EmbeddingProfile | null {
  const space = toSpace(meta.get('embedding_dimension'), meta.get('embedding_metric'));
  return space === null ? null : { model: meta.get('embedding_model') ?? null, ...space };
}

/** What vectors are compared by: what a search has to know of them. */
export type VectorSpace = Pick<EmbeddingProfile, 'dimension' | 'metric'>;

/**
 * The space from what the store says of itself; null when it does not know yet.
 *
 * @throws StorageError `STORAGE_CORRUPT` when that makes no sense: with another metric or dimension, searches would find
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
  // Stores that name no metric are older than the choice.
  if (metric !== 'l2' && metric !== 'cosine' && (metric ?? null) !== null)
    throw damaged('embedding_metric', 'a metric');
  return { dimension: components, metric: metric === 'l2' ? 'l2' : 'cosine' };
}

function damaged(key: string, what: string): StorageError {
  return new StorageError(
    'STORAGE_CORRUPT',
    `What the store says under '${key}' in switchyard_meta is not ${what}: its file is damaged. Restore a backup.`,
    { backend: BACKEND_NAME },
  );
}

/** Checks the profile asked for and completes it from that of the store. @throws StorageError, TypeError. */
export function requestedProfile(stored: EmbeddingProfile | null, request: ProfileRequest): EmbeddingProfile {
  checkProfileRequest(BACKEND_NAME, capabilities, request);
  return completeProfile(capabilities, stored, request);
}

/**
 * What of `VectorIndex.reconcile` needs no write: a store that has the profile, and the refusal of one that has another.
 * Most openings change nothing, and should not wait for the writers of the store.
 *
 * @returns null when the store has to be written.
 */
export function settleProfile(
  driver: SqliteDriver,
  request: ProfileRequest,
  policy: ReconcilePolicy,
): ReconcileResult | null {
  checkProfileRequest(BACKEND_NAME, capabilities, request);
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
    const meanwhile = unchanged(previous, request);
    if (meanwhile !== null) return meanwhile;
    const profile = completeProfile(capabilities, previous, request);
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
  dropVectorTable(driver);
  createVectorTable(driver, profile.dimension);
  startAllGenerationsAnew(driver);
  writeProfile(driver, profile);
  return { outcome: 'reset', profile, previous, vectorsDropped };
}

function unchanged(stored: EmbeddingProfile | null, request: ProfileRequest): ReconcileResult | null {
  if (stored === null) return null;
  const profile = completeProfile(capabilities, stored, request);
  if (compareProfiles(stored, profile) !== 'same') return null;
  return { outcome: 'unchanged', profile, previous: stored, vectorsDropped: 0 };
}

/** Says what the vectors of the store are. Belongs into the transaction that makes them so. */
export function writeProfile(driver: SqliteDriver, { model, dimension, metric }: EmbeddingProfile): void {
  writeMeta(driver, 'embedding_model', model);
  writeMeta(driver, 'embedding_dimension', String(dimension));
  writeMeta(driver, 'embedding_metric', metric);
}
