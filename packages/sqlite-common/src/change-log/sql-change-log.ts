import { type CallOptions, StorageError } from '@switchyard/storage-core';
import {
  beginTerms,
  type CallRunner,
  type ChangeLog,
  changeLogOver,
  type InstallRequest,
  type InstallResult,
  type LogTransaction,
  OLD_SIDE_IDS,
} from '@switchyard/storage-core/backend';
import type { SqliteDriver } from '../driver.js';
import { toStorageError } from '../errors/sqlite-error.js';
import type { IdKind } from '../mutations/context.js';
import * as sql from './log-statements.js';
import { CREATE_LOG_TABLES, DROP_LOG_TABLES } from './log-tables.sql.js';
import { createLogTriggers, dropLogTriggers, faultyLogTriggers } from './log-triggers.js';
import { isEnrolled, type SqlLogRecords } from './sql-log-records.js';

/** Dependencies of {@link createSqlChangeLog}. */
export interface SqlChangeLogContext {
  /** Name of the backend, for errors. */
  readonly backend: string;
  readonly run: CallRunner;
  readonly runWrite: CallRunner;
  /** Returns the current connection. */
  readonly driver: () => SqliteDriver;
  /** Returns the records of the current transaction. */
  readonly records: () => SqlLogRecords;
  /** False where a client cannot make a commit durable, as on a server. Default true. */
  readonly syncs?: boolean | undefined;
}

const idKinds: readonly IdKind[] = ['library', 'version', 'page', 'chunk'];

/** Returns the change log of a SQLite store. */
export function createSqlChangeLog(context: SqlChangeLogContext): ChangeLog {
  const { backend, run, runWrite, driver, records } = context;
  const refuse = (message: string) =>
    new StorageError('STORAGE_CONSTRAINT', `${message} Nothing was changed.`, {
      backend,
      outcome: 'not-applied',
    });
  const write = <T>(options: CallOptions | undefined, isDurable: boolean, work: () => T) =>
    runWrite(options, () => {
      try {
        return isDurable && context.syncs !== false ? durably(driver(), work) : driver().transaction(work);
      } catch (error) {
        throw toStorageError(error, { backend, outcome: 'not-applied' });
      }
    });
  return changeLogOver(
    {
      install: (request, options) => write(options, true, () => install(driver(), request, records, refuse)),
      remove: (options) =>
        write(options, true, () => {
          if (!isEnrolled(driver())) return false;
          dropLogTriggers(driver());
          driver().exec(DROP_LOG_TABLES);
          return true;
        }),
      triggers: (options) =>
        run(options, () => ({ missing: records().store().logs ? faultyLogTriggers(driver()) : [] })),
    },
    (kind: LogTransaction, options, work) => {
      if (kind === 'read') return run(options, () => driver().readTransaction(() => work(records())));
      return write(options, kind === 'durable', () => {
        const found = records();
        const answer = work(found);
        found.finish();
        if (kind === 'durable') driver().run(sql.SYNC);
        return answer;
      });
    },
  );
}

/** Commits with `synchronous=FULL`, which also makes durable what was committed before. */
function durably<T>(driver: SqliteDriver, work: () => T): T {
  const before = driver.first<{ synchronous: number }>('PRAGMA synchronous')?.synchronous ?? 1;
  if (before >= 2) return driver.transaction(work);
  // Not by exec(), which counts as a commit and would make the outcome of a refusal unknown.
  driver.run('PRAGMA synchronous = FULL');
  try {
    return driver.transaction(work);
  } finally {
    driver.run(`PRAGMA synchronous = ${before}`);
  }
}

function install(
  driver: SqliteDriver,
  { side, boot, firstId = 1 }: InstallRequest,
  records: () => SqlLogRecords,
  refuse: (message: string) => StorageError,
): InstallResult {
  const lastId = driver.first<{ last: number }>(sql.LAST_ID)?.last ?? 0;
  if (isEnrolled(driver)) {
    const held = records();
    if (held.store().side !== side) throw refuse(`The store is enrolled as the ${held.store().side} side.`);
    if (held.store().logs && faultyLogTriggers(driver).length > 0) {
      createLogTriggers(driver);
      beginTerms(held);
      held.enrollLibraries();
    }
    return { lastId };
  }
  if (side === 'new' && Math.max(firstId, lastId + 1) >= OLD_SIDE_IDS) {
    throw refuse('The store has ids of 2^40 and above, which belong to the old side.');
  }
  driver.exec(CREATE_LOG_TABLES);
  driver.run(sql.INSERT_STORE, [side, boot]);
  if (side === 'old') {
    driver.run(sql.ADD_COUNTERS);
    driver.run(sql.RAISE_COUNTERS, [OLD_SIDE_IDS - 1]);
  } else {
    for (const kind of idKinds) driver.run(sql.INSERT_IDS, [kind, Math.max(firstId, lastId + 1)]);
  }
  createLogTriggers(driver);
  records().enrollLibraries();
  return { lastId };
}
