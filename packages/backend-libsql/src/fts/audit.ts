import { faultsOfFts, type SqliteDriver } from '@switchyard/sqlite-common';
import { type ChunkId, isStorageError } from '@switchyard/storage-core';
import type { AuditProblem, AuditReport } from '@switchyard/storage-core/backend';
import * as sql from './fts-statements.js';

/**
 * See `FtsIndex.audit`. Leaves the store as it is.
 *
 * The only check that compares the index with the texts is an INSERT, for which SQLite wants the write lock; what can be
 * found by reading is found without it. The check that PRAGMA offers looks at the index alone.
 *
 * @throws StorageError `STORAGE_BUSY` when another writer held the lock for the whole busy timeout.
 */
export function auditFts(driver: SqliteDriver): AuditReport {
  const { checked, problems } = driver.readTransaction(() => compareFts(driver));
  // With entries missing or left over, the check fails for what was just said.
  if (problems.length > 0 || !contradictsItself(driver)) return { checked, problems };
  const detail = 'The full-text index contradicts the texts it was made from.';
  return { checked, problems: [problem('damaged', null, detail)] };
}

/** Compares which chunks there are and which are in full text; no text is read. Must run in a transaction. */
export function compareFts(driver: SqliteDriver): AuditReport {
  const missing = driver.all<{ id: ChunkId }>(sql.NOT_INDEXED);
  const orphans = driver.all<{ id: ChunkId }>(sql.INDEXED_WITHOUT_CHUNK);
  const problems: AuditProblem[] = [
    ...missing.map(({ id }) => problem('missing', id, 'The words of the chunk are not in full text.')),
    ...orphans.map(({ id }) => problem('orphan', id, 'Full text holds an entry without a chunk.')),
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
    // A store that can only be read: whether the index agrees with itself can still be told.
    if (isStorageError(error, 'STORAGE_PERMISSION_DENIED'))
      return faultsOfFts(driver, 'documents_fts').length > 0;
    if (!isStorageError(error, 'STORAGE_BUSY')) throw error;
    throw error.with({
      advice:
        'The audit of full text needs the write lock for a moment: run it again when nobody writes, or with a longer busyTimeoutMs.',
    });
  }
}
