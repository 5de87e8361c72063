import { legacyDimension, resetWithoutLogging, type SqliteDriver } from '@switchyard/sqlite-common';
import type { EmbeddingProfile, ReconcilePolicy } from '@switchyard/storage-core';
import {
  checkProfileRequest,
  type ProfileRequest,
  planReconcile,
  type ReconcileResult,
  wantedProfile,
} from '@switchyard/storage-core/backend';
import { BACKEND_NAME, capabilities } from '../capabilities.js';
import { withoutTriggers } from '../schema/triggers.js';
import { readVectorTable, recreateVectorTable } from './index-table.js';

const selectMetadata = `
SELECT key, value
FROM metadata
WHERE key IN ('embedding_model', 'embedding_dimension')`;

const putMetadata = `
INSERT INTO metadata (key, value)
VALUES (?, ?)
ON CONFLICT (key) DO UPDATE SET value = excluded.value`;

const deleteModel = `
DELETE FROM metadata
WHERE key = 'embedding_model'`;

const countVectors = `
SELECT count(*) AS n
FROM documents
WHERE embedding IS NOT NULL OR id IN (SELECT rowid FROM documents_vec_rowids)`;

const clearEmbeddings = `
UPDATE documents
SET embedding = NULL
WHERE embedding IS NOT NULL`;

const selectEmbeddingOf = `
SELECT 1
FROM documents
WHERE
  typeof(embedding) = 'text'
  AND json_valid(embedding)
  AND json_type(embedding) = 'array'
  AND json_array_length(embedding) = ?
LIMIT 1`;

/** Embedding profile of the store; null if unknown. For the dimension, see `legacyDimension`. */
export function readProfile(driver: SqliteDriver): EmbeddingProfile | null {
  const table = readVectorTable(driver);
  const recorded = new Map(
    driver.all<{ key: string; value: string }>(selectMetadata).map(({ key, value }) => [key, value]),
  );
  const model = recorded.get('embedding_model') ?? null;
  const recordedDimension = toDimension(recorded.get('embedding_dimension'));
  if (model === null && recordedDimension === null && table.empty) return null;
  const dimension =
    legacyDimension({
      recorded: recordedDimension,
      index: table.dimension,
      indexIsEmpty: table.empty,
      hasEmbeddingOf: (length) => driver.first(selectEmbeddingOf, [length]) !== undefined,
    }) ?? table.dimension;
  return dimension === null ? null : { model, dimension, metric: 'l2' };
}

/**
 * Gives an empty index the dimension. Does nothing if it already has it, or holds vectors of another dimension, which
 * are only dropped on request.
 */
export function ensureVectorTable(driver: SqliteDriver, dimension: number): void {
  const table = readVectorTable(driver);
  if (table.dimension !== dimension && table.empty) recreateVectorTable(driver, dimension);
}

/** Validates and completes the requested profile. @throws StorageError, TypeError. */
export function requestedProfile(request: ProfileRequest): EmbeddingProfile {
  return wantedProfile(BACKEND_NAME, capabilities, null, request);
}

/**
 * Handles the cases of `VectorIndex.reconcile` that need no write: the store already has the profile, or another one is
 * refused. Most calls change nothing and should not wait for other writers.
 *
 * @returns null if the store has to be written.
 */
export function reconcileWithoutWriting(
  driver: SqliteDriver,
  request: ProfileRequest,
  policy: ReconcilePolicy,
): ReconcileResult | null {
  checkProfileRequest(BACKEND_NAME, capabilities, request);
  const previous = driver.readTransaction(() => readProfile(driver));
  const plan = planReconcile(BACKEND_NAME, capabilities, previous, request, policy);
  return plan.outcome === 'unchanged' ? { ...plan, vectorsDropped: 0 } : null;
}

/** Implements `VectorIndex.reconcile`. */
export function reconcileProfile(
  driver: SqliteDriver,
  request: ProfileRequest,
  policy: ReconcilePolicy,
): ReconcileResult {
  checkProfileRequest(BACKEND_NAME, capabilities, request);
  return driver.transaction(() => {
    const plan = planReconcile(BACKEND_NAME, capabilities, readProfile(driver), request, policy);
    if (plan.outcome === 'unchanged') return { ...plan, vectorsDropped: 0 };
    const { dimension } = plan.profile;
    let vectorsDropped = 0;
    // Also without a profile: chunks may have embeddings that no index was made of.
    if (plan.outcome === 'reset' || policy === 'reset') vectorsDropped = dropVectors(driver, dimension);
    else ensureVectorTable(driver, dimension);
    writeProfile(driver, plan.profile);
    return { ...plan, vectorsDropped };
  });
}

/** Records the profile of the store's vectors. Must run in the transaction that writes them. */
export function writeProfile(driver: SqliteDriver, { model, dimension }: EmbeddingProfile): void {
  if (model === null) driver.run(deleteModel);
  else driver.run(putMetadata, ['embedding_model', model]);
  driver.run(putMetadata, ['embedding_dimension', String(dimension)]);
}

/** Deletes every vector; full-text search is not affected. */
function dropVectors(driver: SqliteDriver, dimension: number): number {
  const dropped = driver.first<{ n: number }>(countVectors)?.n ?? 0;
  // Every update of a chunk fires the full-text trigger, which would needlessly rewrite its entry.
  withoutTriggers(driver, ['documents_fts_after_update', 'documents_vec_after_update'], () => {
    resetWithoutLogging(driver, () => driver.run(clearEmbeddings));
    recreateVectorTable(driver, dimension);
  });
  return dropped;
}

function toDimension(text: string | undefined): number | null {
  const dimension = Number(text);
  return Number.isSafeInteger(dimension) && dimension > 0 ? dimension : null;
}
