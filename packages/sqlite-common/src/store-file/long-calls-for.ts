import type { LongCalls } from '@switchyard/storage-core/backend';
import type { SqliteDriver } from '../driver.js';

const SIZE = `
  SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size`;

/** Returns the size of the database in bytes, with what is still in the WAL, which may also hold pages several times. */
function databaseBytes(driver: SqliteDriver): number {
  return driver.first<{ bytes: number }>(SIZE)?.bytes ?? 0;
}

/**
 * Returns the long calls to be used for a store, or null if it is small or they are not done elsewhere.
 *
 * @throws StorageError `STORAGE_FILE_REPLACED` if another file is at the path by now: a child would work on that one.
 */
export function longCallsFor(driver: SqliteDriver, longCalls: LongCalls | null): LongCalls | null {
  if (longCalls?.apply(databaseBytes(driver)) !== true) return null;
  driver.requireCurrent?.();
  return longCalls;
}
