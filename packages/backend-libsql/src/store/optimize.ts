import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { CallOptions } from '@switchyard/storage-core';
import { checkCall, nextTurn } from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import { MERGE, TOTAL_CHANGES } from '../fts/fts-statements.js';
import { compactVersion, versionsWithLogs } from '../vectors/codes/code-log.js';
import { readProfile } from '../vectors/profile.js';

const BUSY_TIMEOUT = `
  PRAGMA busy_timeout`;

const CHECKPOINT = `
  PRAGMA wal_checkpoint(TRUNCATE)`;

/** Maximum wait of {@link checkpoint} for readers, in milliseconds. */
const READERS_WAIT_MS = 1000;

/** Index pages of about 4 KB merged per transaction, which takes some milliseconds. */
const PAGES_PER_MERGE = 64;

/**
 * Merges the segments of the full-text index into one, compacts the code logs, and checkpoints the WAL as far as readers
 * permit. The statistics of the query planner are unchanged: statements name the index they need.
 *
 * Each step is one transaction, followed by a turn of the event loop, so that others can write in between and a signal or
 * a deadline takes effect there; completed steps remain. Compacting the log of a version is one step, which is skipped if
 * the log is already short.
 */
export async function optimizeLocal(driver: SqliteDriver, options?: CallOptions): Promise<void> {
  // A negative number starts a merge of all segments; positive ones continue it.
  for (let pages = -PAGES_PER_MERGE; mergeFts(driver, pages); pages = PAGES_PER_MERGE) {
    await pause(driver, options);
  }
  for (const versionId of versionsWithLogs(driver, readProfile(driver))) {
    await pause(driver, options);
    driver.transaction(() => {
      const profile = readProfile(driver); // may have changed in between
      if (profile !== null) compactVersion(driver, profile, versionId);
    });
  }
  checkpoint(driver); // does nothing in memory
}

/**
 * Checkpoints the WAL as far as readers permit. Waits for them less long than a write waits for another writer: a reader
 * may keep its snapshot for hours, and a later checkpoint does the rest.
 */
export function checkpoint(driver: SqliteDriver): void {
  const timeout = driver.first<{ timeout: number }>(BUSY_TIMEOUT)?.timeout ?? 0;
  driver.exec(`PRAGMA busy_timeout = ${Math.min(timeout, READERS_WAIT_MS)}`);
  try {
    driver.all(CHECKPOINT);
  } finally {
    driver.exec(`PRAGMA busy_timeout = ${timeout}`);
  }
}

/** Yields to the event loop, and waits for a checkpoint that a write must wait for. */
async function pause(driver: SqliteDriver, options: CallOptions | undefined): Promise<void> {
  await nextTurn();
  await driver.room?.();
  checkCall(options, BACKEND_NAME);
}

/** Returns true if there may be more to merge: FTS5 then changes at least two rows. */
function mergeFts(driver: SqliteDriver, pages: number): boolean {
  return driver.transaction(() => {
    const before = totalChanges(driver);
    driver.run(MERGE, [pages]);
    return totalChanges(driver) - before >= 2;
  });
}

function totalChanges(driver: SqliteDriver): number {
  return driver.first<{ n: number }>(TOTAL_CHANGES)?.n ?? 0;
}
