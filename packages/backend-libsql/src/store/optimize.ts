import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { Location } from '@switchyard/storage-core';
import { OPTIMIZE } from '../fulltext/statements.js';
import { compactAllLogs } from '../vectors/codes/code-log.js';
import { readProfile } from '../vectors/profile.js';

const WRITE_BACK_LOG = `
  PRAGMA wal_checkpoint(TRUNCATE)`;

/**
 * Makes one segment of the many that writes left in the full-text index, brings the logs of codes into their shortest
 * form, and writes the write-ahead log back as far as readers permit. The statistics of the query planner are left alone:
 * the statements say themselves which index they mean.
 *
 * On a server and through a replica only the full-text index is brought into form, in one request: no log is read from
 * there, and its write-ahead log is its own.
 */
export function optimizeStore(driver: SqliteDriver, type: Location['type']): void {
  if (type === 'server' || type === 'replica') {
    driver.run(OPTIMIZE);
    return;
  }
  driver.transaction(() => {
    driver.run(OPTIMIZE);
    const profile = readProfile(driver);
    if (profile !== null) compactAllLogs(driver, profile);
  });
  if (type === 'file') driver.all(WRITE_BACK_LOG);
}
