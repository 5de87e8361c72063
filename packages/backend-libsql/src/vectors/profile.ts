import { resetWithoutLogging, type SqliteDriver, textOf } from '@switchyard/sqlite-common';
import { type EmbeddingProfile, type ReconcilePolicy, StorageError } from '@switchyard/storage-core';
import {
  checkProfileRequest,
  type ProfileRequest,
  planReconcile,
  type ReconcileResult,
  wantedProfile,
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
  return wantedProfile(BACKEND_NAME, capabilities, stored, request);
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
  const plan = planReconcile(BACKEND_NAME, capabilities, readProfile(driver), request, policy);
  return plan.outcome === 'unchanged' ? { ...plan, vectorsDropped: 0 } : null;
}

/** See `VectorIndex.reconcile`. */
export function reconcileProfile(
  driver: SqliteDriver,
  request: ProfileRequest,
  policy: ReconcilePolicy,
): ReconcileResult {
  checkProfileRequest(BACKEND_NAME, capabilities, request);
  return driver.transaction(() => {
    // Another writer may have been faster.
    const plan = planReconcile(BACKEND_NAME, capabilities, readProfile(driver), request, policy);
    if (plan.outcome === 'unchanged') return { ...plan, vectorsDropped: 0 };
    const { dimension } = plan.profile;
    if (plan.previous === null) createVectorTable(driver, dimension);
    const vectorsDropped = plan.outcome === 'reset' ? replaceVectors(driver, dimension) : 0;
    writeProfile(driver, plan.profile);
    return { ...plan, vectorsDropped };
  });
}

/** Drops all vectors, makes room for those of the dimension, and returns the number of the dropped ones. */
function replaceVectors(driver: SqliteDriver, dimension: number): number {
  const count = driver.first<{ n: number }>(COUNT_VECTORS)?.n ?? 0;
  resetWithoutLogging(driver, () => {
    dropVectorTable(driver);
    createVectorTable(driver, dimension);
    restartAllGenerations(driver);
  });
  return count;
}

/** Writes the embedding profile of the store. Must run in the transaction that changes its vectors. */
export function writeProfile(driver: SqliteDriver, { model, dimension, metric }: EmbeddingProfile): void {
  writeMeta(driver, 'embedding_model', model);
  writeMeta(driver, 'embedding_dimension', String(dimension));
  writeMeta(driver, 'embedding_metric', metric);
}
