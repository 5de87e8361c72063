import { faultsOfFts, type SqliteDriver } from '@switchyard/sqlite-common';
import { type ChunkId, isStorageError } from '@switchyard/storage-core';
import type { AuditProblem, AuditReport } from '@switchyard/storage-core/backend';
import * as sql from './fts-statements.js';

/**
 * See `FtsIndex.audit`. Changes nothing.
 *
 * The only check that compares the index with its texts is an INSERT, which needs the write lock; everything that reads
 * can find is found without it. The check of PRAGMA looks at the index alone.
 *
 * @throws StorageError `STORAGE_BUSY` if another writer held the lock for the whole busy timeout.
 */
export function auditFts(driver: SqliteDriver): AuditReport {
  const { checked, problems } = driver.readTransaction(() => compareFts(driver));
  // With missing or orphaned entries, the check fails because of them.
  if (problems.length > 0 || !contradictsItself(driver)) return { checked, problems };
  const detail = 'The full-text index contradicts its texts.';
  return { checked, problems: [problem('damaged', null, detail)] };
}

/** Compares the ids of chunks with those in the full-text index. Reads no text. Must run in a transaction. */
export function compareFts(driver: SqliteDriver): AuditReport {
  const missing = driver.all<{ id: ChunkId }>(sql.NOT_INDEXED);
  const orphans = driver.all<{ id: ChunkId }>(sql.INDEXED_WITHOUT_CHUNK);
  const problems: AuditProblem[] = [
    ...missing.map(({ id }) => problem('missing', id, 'The chunk is not in the full-text index.')),
    ...orphans.map(({ id }) =>
      problem('orphan', id, 'The full-text index contains an entry without a chunk.'),
    ),
  ];
  return { checked: driver.first<{ n: number }>(sql.COUNT_CHUNKS)?.n ?? 0, problems };
}

function problem(kind: AuditProblem['kind'], chunkId: ChunkId | null, detail: string): AuditProblem {
  return { kind, chunkId, detail };
}

function contradictsItself(driver: SqliteDriver): boolean {
  try {
    driver.transaction(() => driver.run(sql.CHECK_INTEGRITY));
    return false;
  } catch (error) {
    if (isStorageError(error, 'STORAGE_CORRUPT')) return true;
    // In a read-only store, the index can still be compared with itself.
    if (isStorageError(error, 'STORAGE_PERMISSION_DENIED'))
      return faultsOfFts(driver, 'documents_fts').length > 0;
    if (!isStorageError(error, 'STORAGE_BUSY')) throw error;
    throw error.with({
      advice:
        'The audit of full text needs the write lock for a moment: run it again when nobody writes, or with a longer busyTimeoutMs.',
    });
  }
}
