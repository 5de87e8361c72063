import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { CallOptions, Location } from '@switchyard/storage-core';
import { checkCall, nextTurn } from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import { MERGE, OPTIMIZE, TOTAL_CHANGES } from '../fts/fts-statements.js';
import { compactVersion, versionsWithLogs } from '../vectors/codes/code-log.js';
import { readProfile } from '../vectors/profile.js';

const CHECKPOINT = `
  PRAGMA wal_checkpoint(TRUNCATE)`;

/** Index pages of about 4 KB merged by one transaction: some milliseconds. */
const PAGES_PER_MERGE = 64;

/**
 * Merges the segments that writes left in the full-text index into one, brings the logs of codes into their shortest
 * form, and writes the write-ahead log back as far as readers permit. The statistics of the query planner are left alone:
 * the statements say themselves which index they mean.
 *
 * Each step is a transaction with a turn of the event loop after it, so that others write in between and a signal or a
 * deadline ends it there; what was done stays. The log of a version is one step, unless it is short already.
 *
 * On a server and through a replica only the full-text index is merged, in one request: no log of codes is read from
 * there, and its write-ahead log is its own.
 */
export async function optimizeStore(
  driver: SqliteDriver,
  type: Location['type'],
  options?: CallOptions,
): Promise<void> {
  if (type === 'server' || type === 'replica') {
    driver.run(OPTIMIZE);
    return;
  }
  // The negative number begins a merge of all segments; the positive ones continue it.
  for (let pages = -PAGES_PER_MERGE; mergeWords(driver, pages); pages = PAGES_PER_MERGE) {
    await rest(driver, options);
  }
  for (const versionId of versionsWithLogs(driver, readProfile(driver))) {
    await rest(driver, options);
    driver.transaction(() => {
      const profile = readProfile(driver); // it may have changed in between
      if (profile !== null) compactVersion(driver, profile, versionId);
    });
  }
  if (type === 'file') driver.all(CHECKPOINT);
}

/** Gives the event loop a turn, and lets the checkpoint catch up. */
async function rest(driver: SqliteDriver, options: CallOptions | undefined): Promise<void> {
  await nextTurn();
  await driver.room?.();
  checkCall(options, BACKEND_NAME);
}

/** @returns Whether there may be more to merge: FTS5 changes at least two rows as long as there is. */
function mergeWords(driver: SqliteDriver, pages: number): boolean {
  return driver.transaction(() => {
    const before = totalChanges(driver);
    driver.run(MERGE, [pages]);
    return totalChanges(driver) - before >= 2;
  });
}

function totalChanges(driver: SqliteDriver): number {
  return driver.first<{ n: number }>(TOTAL_CHANGES)?.n ?? 0;
}
