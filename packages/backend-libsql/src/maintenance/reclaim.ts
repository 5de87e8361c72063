import { statSync } from 'node:fs';
import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { Location, MaintenanceOptions, ReclaimReport } from '@switchyard/storage-core';
import { checkCall } from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import { optimizeStore } from '../store/optimize.js';

const CHECKPOINT = 'PRAGMA wal_checkpoint(TRUNCATE)';

const SERVER_LIMITATION =
  'The server keeps its database file itself and refuses VACUUM. Space of removed rows is used again by what is written next; to shrink the file, copy the store into a new database: switchyard copy.';

/** See `StoreMaintenance.reclaim`. VACUUM is one transaction: a full disk or a kill leaves the store as it was. */
export async function reclaimLibsql(
  driver: SqliteDriver,
  location: Location,
  options: MaintenanceOptions | undefined,
): Promise<ReclaimReport> {
  const nothing = (limitation: string) => ({ bytesBefore: null, bytesAfter: null, limitation });
  if (location.type === 'memory') return nothing('A store in memory takes no disk space.');
  if (location.type !== 'file') return nothing(SERVER_LIMITATION);
  const bytesBefore = bytesOnDisk(location.path);
  const step = (done: number, name: string) => {
    options?.onProgress?.({ done, total: 3, step: name });
    checkCall(options, BACKEND_NAME);
  };
  step(0, 'merging full text and codes');
  await optimizeStore(driver, 'file', options);
  step(1, 'rewriting the file');
  driver.exec('VACUUM');
  step(2, 'writing the log back');
  driver.all(CHECKPOINT);
  options?.onProgress?.({ done: 3, total: 3, step: 'done' });
  return { bytesBefore, bytesAfter: bytesOnDisk(location.path), limitation: null };
}

/** Asks for the sizes without opening the files, which would drop the locks of this process. */
function bytesOnDisk(path: string): number {
  return [path, `${path}-wal`].reduce(
    (bytes, file) => bytes + (statSync(file, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}
