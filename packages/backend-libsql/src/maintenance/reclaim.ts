import { statSync } from 'node:fs';
import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { MaintenanceOptions, ReclaimReport } from '@switchyard/storage-core';
import { checkCall } from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import { checkpoint, optimizeLocal } from '../store/optimize.js';

/**
 * See `StoreMaintenance.reclaim`, for a store in a file. VACUUM is one transaction: a full disk or a kill leaves the store
 * as it was.
 */
export async function reclaimFile(
  driver: SqliteDriver,
  path: string,
  options: MaintenanceOptions | undefined,
): Promise<ReclaimReport> {
  const bytesBefore = bytesOnDisk(path);
  const step = (done: number, name: string) => {
    options?.onProgress?.({ done, total: 3, step: name });
    checkCall(options, BACKEND_NAME);
  };
  step(0, 'merging full text and codes');
  await optimizeLocal(driver, options);
  step(1, 'rewriting the file');
  driver.exec('VACUUM');
  step(2, 'writing the log back');
  checkpoint(driver);
  options?.onProgress?.({ done: 3, total: 3, step: 'done' });
  return { bytesBefore, bytesAfter: bytesOnDisk(path), limitation: null };
}

/** Reads the sizes without opening the files, which would drop the locks of this process. */
function bytesOnDisk(path: string): number {
  return [path, `${path}-wal`].reduce(
    (bytes, file) => bytes + (statSync(file, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}
