import type { SqliteDriver } from '../driver.js';
import { textOf } from '../rows/text-columns.js';

// Faults quote names, which are stored bytes. Newer SQLite releases read a numeric argument as the name of a table.
const CHECK = `
  SELECT ${textOf('integrity_check', 'fault', 'sqlite.integrity_check')} FROM pragma_integrity_check`;

const QUICK_CHECK = `
  SELECT ${textOf('quick_check', 'fault', 'sqlite.quick_check')} FROM pragma_quick_check`;

const CHECK_TABLE = `
  SELECT ${textOf('integrity_check', 'fault', 'sqlite.integrity_check')} FROM pragma_integrity_check(?1, ?2)`;

const FTS_TABLES = `
  SELECT ${textOf('name', 'name', 'sqlite_master.name')}
  FROM sqlite_master
  WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%USING fts5%'
  LIMIT 100`;

/** Searches for a nonexistent row, which makes FTS5 notice writes of other connections. */
const touch = (table: string) => `
  SELECT ${textOf('NULL', 'fault', 'sqlite.integrity_check')}
  FROM "${table.replaceAll('"', '""')}"
  WHERE "rowid" = -1`;

/**
 * Faults found by the engine's own check of the database, including FTS5 tables; empty if there are none.
 *
 * @param thorough Also compares each index with its table.
 */
export function faultsOfDatabase(driver: SqliteDriver, thorough: boolean): string[] {
  const tables = driver.all<{ name: string }>(FTS_TABLES).map(({ name }) => name);
  return faultsOf(driver.all(upToDate(driver, tables, thorough ? CHECK : QUICK_CHECK)));
}

/** Faults found by the engine's check of an FTS5 table. Only reads, unlike the check by INSERT. */
export function faultsOfFts(driver: SqliteDriver, table: string): string[] {
  return faultsOf(driver.all(upToDate(driver, [table], CHECK_TABLE), [table, 'main']));
}

/** Faults found by the engine's check of an ordinary table and its indexes. */
export function faultsOfTable(driver: SqliteDriver, table: string, schema: string): string[] {
  return faultsOf(driver.all(CHECK_TABLE, [table, schema]));
}

/**
 * Returns a check statement that first queries each FTS5 table. FTS5 caches the structure of its index per connection
 * and compares it with the file when a query or write begins, but not for the PRAGMA check: after another connection
 * has written, a sound index would be reported as damaged. One statement does both, so that no write can come between.
 */
function upToDate(driver: SqliteDriver, tables: readonly string[], check: string): string {
  const queries = tables.map(touch).filter((query) => canRun(driver, query));
  return [...queries, check].join('\n  UNION ALL');
}

/** Returns false for a table too damaged to be queried; the check reports it. */
function canRun(driver: SqliteDriver, query: string): boolean {
  try {
    driver.all(query);
    return true;
  } catch {
    return false;
  }
}

function faultsOf(rows: readonly { readonly fault: string | null }[]): string[] {
  return rows
    .flatMap(({ fault }) => (fault ?? '').split('\n'))
    .filter((fault) => fault !== 'ok' && fault !== '' && !fault.startsWith('***'));
}
