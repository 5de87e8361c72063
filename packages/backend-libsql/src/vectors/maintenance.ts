import { bytes, integer, type SqliteDriver } from '@switchyard/sqlite-common';
import type { ChunkId } from '@switchyard/storage-core';
import type { AuditProblem, AuditReport, VectorStats } from '@switchyard/storage-core/backend';
import { lastKey } from '@switchyard/storage-core/backend';
import { fromBlob } from './blob.js';
import { auditCodes } from './codes/audit-codes.js';
import { rewriteAllLogs } from './codes/code-log.js';
import { readProfile } from './profile.js';
import { isUnscaled } from './scale.js';

const COUNT_CHUNKS = `
  SELECT count(*) AS n FROM documents`;

const COUNT_VECTORS = `
  SELECT
    count(*) AS vectors,
    count(*) FILTER (WHERE length(embedding) IS NOT ?1) AS unusable
  FROM document_vectors
  WHERE document_id IN (SELECT id FROM documents)`;

const VECTORS_AFTER = `
  SELECT
    document_vectors.document_id AS id,
    ${integer('document_vectors.version_id')},
    ${integer('document_vectors.unscaled')},
    ${bytes('document_vectors.embedding')},
    ${integer('documents.version_id', 'chunk_version_id')}
  FROM document_vectors
  LEFT JOIN documents ON documents.id = document_vectors.document_id
  WHERE document_vectors.document_id > ?1
  ORDER BY document_vectors.document_id
  LIMIT ?2`;

const DELETE_VECTOR = `
  DELETE FROM document_vectors WHERE document_id = ?1`;

const CORRECT_VECTOR = `
  UPDATE document_vectors SET version_id = ?2, unscaled = ?3 WHERE document_id = ?1`;

/** Vectors read by one statement of an audit: some megabytes. */
const BATCH = 500;

interface StoredVector {
  readonly id: ChunkId;
  readonly version_id: number;
  readonly unscaled: number;
  /** Null in a damaged row. */
  readonly embedding: Uint8Array | null;
  /** Null without a chunk. */
  readonly chunk_version_id: number | null;
}

function countChunks(driver: SqliteDriver): number {
  return driver.first<{ n: number }>(COUNT_CHUNKS)?.n ?? 0;
}

/** See `VectorIndex.stats`. */
export function vectorStats(driver: SqliteDriver): VectorStats {
  const chunks = countChunks(driver);
  const profile = readProfile(driver);
  if (profile === null) return { indexed: 0, without: chunks, unusable: 0 };
  const { vectors = 0, unusable = 0 } =
    driver.first<{ vectors: number; unusable: number }>(COUNT_VECTORS, [
      profile.dimension * Float32Array.BYTES_PER_ELEMENT,
    ]) ?? {};
  return { indexed: vectors - unusable, without: chunks - vectors, unusable };
}

/** See `VectorIndex.audit`. A chunk without a vector is not a problem: only full-text search finds it. */
export function auditVectors(driver: SqliteDriver): AuditReport {
  return driver.readTransaction(() => {
    const problems: AuditProblem[] = [];
    for (const { row, dimension } of eachVector(driver)) {
      const problem = findProblem(row, dimension);
      if (problem !== null) problems.push({ ...problem, chunkId: row.id });
    }
    const profile = readProfile(driver);
    if (profile !== null) {
      // Wrong codes of a wrong vector are a consequence, and not reported again.
      const reported = new Set(problems.map(({ chunkId }) => chunkId));
      const ofCodes = auditCodes(driver, profile);
      problems.push(...ofCodes.filter(({ chunkId }) => chunkId === null || !reported.has(chunkId)));
    }
    return { checked: countChunks(driver), problems };
  });
}

/**
 * See `VectorIndex.rebuild`. Deletes rows that are not the vector of a chunk, corrects the other columns, and rebuilds the
 * codes from the vectors.
 */
export function rebuildVectors(driver: SqliteDriver): void {
  driver.transaction(() => {
    correctVectors(driver);
    const profile = readProfile(driver);
    if (profile !== null) rewriteAllLogs(driver, profile);
  });
}

/**
 * Deletes rows that are not the vector of a chunk, and corrects the other columns. Must run in a write transaction.
 *
 * @param keepUnusable keeps rows whose bytes are not a vector of this store
 */
export function correctVectors(driver: SqliteDriver, keepUnusable = false): void {
  for (const { row, dimension } of eachVector(driver)) {
    const problem = findProblem(row, dimension);
    if (problem === null || (keepUnusable && problem.kind === 'unusable')) continue;
    const vector = fromBlob(row.embedding, dimension);
    if (problem.kind === 'damaged' && vector !== null) {
      driver.run(CORRECT_VECTOR, [row.id, row.chunk_version_id, isUnscaled(vector) ? 1 : 0]);
    } else {
      driver.run(DELETE_VECTOR, [row.id]);
    }
  }
}

function findProblem(row: StoredVector, dimension: number): Omit<AuditProblem, 'chunkId'> | null {
  if (row.chunk_version_id === null) return { kind: 'orphan', detail: 'A vector without a chunk.' };
  const vector = fromBlob(row.embedding, dimension);
  if (vector === null) {
    const detail = `${row.embedding?.byteLength ?? 0} bytes are not a vector of ${dimension} components.`;
    return { kind: 'unusable', detail };
  }
  if (!vector.every(Number.isFinite))
    return { kind: 'unusable', detail: 'A component is not a finite number.' };
  if (row.version_id !== row.chunk_version_id) {
    const detail = `The vector belongs to version ${row.version_id}, its chunk to version ${row.chunk_version_id}.`;
    return { kind: 'damaged', detail };
  }
  if ((row.unscaled === 1) !== isUnscaled(vector)) {
    return { kind: 'damaged', detail: 'The flag for vectors of unusual length is wrong.' };
  }
  return null;
}

function* eachVector(driver: SqliteDriver): Generator<{ row: StoredVector; dimension: number }> {
  const dimension = readProfile(driver)?.dimension;
  if (dimension === undefined) return;
  for (let after = 0; ; ) {
    const rows = driver.all<StoredVector>(VECTORS_AFTER, [after, BATCH]);
    yield* rows.map((row) => ({ row, dimension }));
    if (rows.length < BATCH) return;
    after =
      lastKey(
        rows.map(({ id }) => id),
        after,
        'vectors',
      ) ?? after;
  }
}
