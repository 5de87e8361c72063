import type { SqliteDriver } from '../driver.js';
import * as sql from './log-statements.js';
import { isEnrolled } from './sql-log-records.js';

/**
 * Runs work that rewrites rows but not their content, as a repair does: in a store that takes part in a rollout, it is
 * neither logged nor refused. Must run in a transaction.
 */
export function withoutLogging<T>(driver: SqliteDriver, work: () => T): T {
  if (!isEnrolled(driver)) return work();
  driver.run(sql.BEGIN_PUT);
  const result = work();
  driver.run(sql.END_WRITE);
  return result;
}

/**
 * Runs a reset of all vectors. In a store that takes part in a rollout, it is not logged page by page: no library counts as
 * complete afterwards, on either side. Must run in a transaction.
 */
export function resetWithoutLogging<T>(driver: SqliteDriver, work: () => T): T {
  const result = withoutLogging(driver, work);
  if (isEnrolled(driver)) driver.run(sql.VOID_MARKERS);
  return result;
}
