import type { SqliteDriver } from '../driver.js';

const SIZE = `
  SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size`;

/** Returns the size of the database in bytes, with what is still in the WAL, which may also hold pages several times. */
export function databaseBytes(driver: SqliteDriver): number {
  return driver.first<{ bytes: number }>(SIZE)?.bytes ?? 0;
}
