import { statSync } from 'node:fs';
import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { MaintenanceOptions, ReclaimReport } from '@switchyard/storage-core';
import { checkCall } from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import { readVectorTable, recreateVectorTable } from '../vectors/index-table.js';

const MERGE = `
INSERT INTO documents_fts (documents_fts)
VALUES ('optimize')`;

/** vec0 does not reuse the space of deleted vectors, so its chunks may be partly empty. */
const ROOM = `
SELECT
  (SELECT coalesce(sum(size), 0) FROM documents_vec_chunks) AS slots,
  (SELECT count(*) FROM documents_vec_rowids) AS used`;

/** Slots in one chunk of vec0; nothing is rewritten to gain fewer. */
const MIN_FREE_SLOTS = 1024;

const COPY_OUT = `
CREATE TEMP TABLE vectors_kept AS
SELECT rowid AS id, library_id, version_id, embedding FROM documents_vec`;

const COPY_BACK = `
INSERT INTO documents_vec (rowid, library_id, version_id, embedding)
SELECT id, library_id, version_id, embedding FROM temp.vectors_kept ORDER BY library_id, version_id, id`;

const DROP_KEPT = 'DROP TABLE IF EXISTS temp.vectors_kept';

const CHECKPOINT = 'PRAGMA wal_checkpoint(TRUNCATE)';

/**
 * Implements `StoreMaintenance.reclaim`. Each step is one transaction: a full disk or a kill leaves the store intact.
 */
export function reclaimLegacy(
  driver: SqliteDriver,
  path: string | null,
  options: MaintenanceOptions | undefined,
): ReclaimReport {
  if (path === null)
    return { bytesBefore: null, bytesAfter: null, limitation: 'A store in memory takes no disk space.' };
  const bytesBefore = bytesOnDisk(path);
  const step = (done: number, name: string) => {
    options?.onProgress?.({ done, total: 4, step: name });
    checkCall(options, BACKEND_NAME);
  };
  step(0, 'merging full-text segments');
  driver.run(MERGE);
  step(1, 'packing the vector index');
  packVectors(driver);
  step(2, 'rewriting the file');
  driver.exec('VACUUM');
  step(3, 'checkpointing the WAL');
  driver.all(CHECKPOINT);
  options?.onProgress?.({ done: 4, total: 4, step: 'done' });
  return { bytesBefore, bytesAfter: bytesOnDisk(path), limitation: null };
}

function packVectors(driver: SqliteDriver): void {
  const { slots = 0, used = 0 } = driver.first<{ slots: number; used: number }>(ROOM) ?? {};
  const { dimension } = readVectorTable(driver);
  if (dimension === null || slots - used < MIN_FREE_SLOTS) return;
  driver.transaction(() => {
    driver.exec(DROP_KEPT);
    driver.exec(COPY_OUT);
    recreateVectorTable(driver, dimension);
    driver.run(COPY_BACK);
    driver.exec(DROP_KEPT);
  });
}

/** Reads the sizes without opening the files, which would drop the locks of this process. */
function bytesOnDisk(path: string): number {
  return [path, `${path}-wal`].reduce(
    (bytes, file) => bytes + (statSync(file, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}
