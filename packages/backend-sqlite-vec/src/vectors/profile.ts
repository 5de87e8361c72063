import type { SqliteDriver } from '@switchyard/sqlite-common';
import {
  type EmbeddingProfile,
  type ProfileRequest,
  type ReconcilePolicy,
  type ReconcileResult,
  StorageError,
} from '@switchyard/storage-core';
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

const countEmbeddings = `
SELECT count(*) AS n
FROM documents
WHERE embedding IS NOT NULL`;

const clearEmbeddings = `
UPDATE documents
SET embedding = NULL
WHERE embedding IS NOT NULL`;

/**
 * What the vectors of the store are; null when nothing says so. The dimension is that of the index, since that is what
 * is searched; only while the index is empty does the recorded one count.
 */
export function readProfile(driver: SqliteDriver): EmbeddingProfile | null {
  const table = readVectorTable(driver);
  const recorded = new Map(
    driver.all<{ key: string; value: string }>(selectMetadata).map(({ key, value }) => [key, value]),
  );
  const model = recorded.get('embedding_model') ?? null;
  const recordedDimension = toDimension(recorded.get('embedding_dimension'));
  if (model === null && recordedDimension === null && table.empty) return null;
  const dimension = table.empty ? (recordedDimension ?? table.dimension) : table.dimension;
  return dimension === null ? null : { model, dimension, metric: 'l2' };
}

/** Makes an index that is still empty hold vectors of the dimension; does nothing when it already does. */
export function ensureVectorTable(driver: SqliteDriver, dimension: number): void {
  if (readVectorTable(driver).dimension !== dimension) recreateVectorTable(driver, dimension);
}

/** Checks the profile asked for and completes it. @throws StorageError, TypeError. */
export function requestedProfile(request: ProfileRequest): EmbeddingProfile {
  checkRequest(request);
  return { model: request.model, dimension: request.dimension, metric: 'l2' };
}

/** See `VectorIndex.reconcile`. */
export function reconcileProfile(
  driver: SqliteDriver,
  request: ProfileRequest,
  policy: ReconcilePolicy,
): ReconcileResult {
  const wanted = requestedProfile(request);
  // Most openings change nothing, and should not wait for the writers of the store.
  const stored = readProfile(driver);
  if (isSame(stored, wanted))
    return { outcome: 'unchanged', profile: wanted, previous: stored, vectorsDropped: 0 };

  return driver.transaction(() => {
    const previous = readProfile(driver);
    if (isSame(previous, wanted))
      return { outcome: 'unchanged', profile: wanted, previous, vectorsDropped: 0 };
    const adoptable =
      previous === null || (previous.model === null && previous.dimension === wanted.dimension);
    if (!adoptable && policy === 'refuse') throw modelChanged(previous, wanted);
    const vectorsDropped = adoptable ? 0 : dropVectors(driver, wanted.dimension);
    if (adoptable) ensureVectorTable(driver, wanted.dimension);
    writeProfile(driver, wanted);
    return { outcome: adoptable ? 'adopted' : 'reset', profile: wanted, previous, vectorsDropped };
  });
}

/** Says what the vectors of the store are. Belongs into the transaction that makes them so. */
export function writeProfile(driver: SqliteDriver, { model, dimension }: EmbeddingProfile): void {
  if (model !== null) driver.run(putMetadata, ['embedding_model', model]);
  driver.run(putMetadata, ['embedding_dimension', String(dimension)]);
}

/** Forgets every vector; the words stay as they are. */
function dropVectors(driver: SqliteDriver, dimension: number): number {
  const dropped = driver.first<{ n: number }>(countEmbeddings)?.n ?? 0;
  // Every update of a chunk makes the full-text trigger write its words anew, and there is nothing to change there.
  withoutTriggers(driver, ['documents_fts_after_update', 'documents_vec_after_update'], () => {
    driver.run(clearEmbeddings);
    recreateVectorTable(driver, dimension);
  });
  return dropped;
}

function checkRequest({ model, dimension, metric }: ProfileRequest): void {
  if (model !== null && (typeof model !== 'string' || model === '')) {
    throw new TypeError('The model must be a name, or null where it is not known.');
  }
  if (!Number.isSafeInteger(dimension) || dimension < 1) {
    throw new TypeError(`The dimension must be a positive integer, not ${String(dimension)}.`);
  }
  if (metric !== undefined && !capabilities.metrics.includes(metric)) {
    throw new StorageError(
      'STORAGE_NOT_SUPPORTED',
      `The ${BACKEND_NAME} backend measures distance by ${capabilities.metrics.join(', ')}, not by ${metric}. Leave the metric out, or use another backend.`,
      { backend: BACKEND_NAME, outcome: 'not-applied', details: { capability: `metrics:${metric}` } },
    );
  }
  if (dimension > capabilities.maxDimension) {
    throw new StorageError(
      'STORAGE_NOT_SUPPORTED',
      `The ${BACKEND_NAME} backend holds vectors of up to ${capabilities.maxDimension} components, not ${dimension}.`,
      { backend: BACKEND_NAME, outcome: 'not-applied', details: { capability: 'maxDimension' } },
    );
  }
}

function modelChanged(previous: EmbeddingProfile, wanted: EmbeddingProfile): StorageError {
  return new StorageError(
    'STORAGE_MODEL_CHANGED',
    `The store holds vectors of ${describe(previous)}; ${describe(wanted)} was asked for. Open it with the model it has, or confirm the change: all vectors are dropped and pages need re-embedding.`,
    {
      backend: BACKEND_NAME,
      outcome: 'not-applied',
      details: {
        storedModel: previous.model,
        storedDimension: previous.dimension,
        storedMetric: previous.metric,
        wantedModel: wanted.model,
        wantedDimension: wanted.dimension,
        wantedMetric: wanted.metric,
      },
    },
  );
}

function describe({ model, dimension, metric }: EmbeddingProfile): string {
  return `${model ?? 'an unknown model'} (${dimension} components, ${metric})`;
}

function isSame(a: EmbeddingProfile | null, b: EmbeddingProfile): boolean {
  return a !== null && a.model === b.model && a.dimension === b.dimension && a.metric === b.metric;
}

function toDimension(text: string | undefined): number | null {
  const dimension = Number(text);
  return Number.isSafeInteger(dimension) && dimension > 0 ? dimension : null;
}
