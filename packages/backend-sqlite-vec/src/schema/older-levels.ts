import type { SqliteDriver } from '@switchyard/sqlite-common';

const hideViews = `
DROP VIEW IF EXISTS temp.pages;
DROP VIEW IF EXISTS temp.metadata`;

/**
 * Lets the statements of the latest level read a store of an older one: missing columns are NULL in views that exist
 * only on this connection. Does not change the file.
 */
export function showAsLatest(driver: SqliteDriver, level: number): void {
  showAsItIs(driver);
  const missing = [
    ...(level < 10 ? ['NULL AS depth'] : []),
    ...(level < 12 ? ['NULL AS source_content_type'] : []),
  ];
  if (missing.length > 0) {
    driver.exec(`CREATE TEMP VIEW pages AS SELECT *, ${missing.join(', ')} FROM main.pages`);
  }
  if (level < 13) driver.exec('CREATE TEMP VIEW metadata AS SELECT NULL AS key, NULL AS value WHERE FALSE');
}

/** Reverts {@link showAsLatest}, before the store is migrated or after another process migrated it. */
export function showAsItIs(driver: SqliteDriver): void {
  driver.exec(hideViews);
}
