import type { SqliteDriver } from '../driver.js';
import { textOf } from '../rows/text-columns.js';

// Faults quote names, which are stored bytes. Newer releases of SQLite take a number as argument for the name of a table.
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

/** Looks for a row that no table has, which makes FTS5 notice what other connections have written. */
const touch = (table: string) => `
  SELECT ${textOf('NULL', 'fault', 'sqlite.integrity_check')}
  FROM "${table.replaceAll('"', '""')}"
  WHERE "rowid" = -1`;

/**
 * Faults that the engine's own check finds in the database, full text included; empty when there are none.
 *
 * @param thorough Also compares each index with its table.
 */
export function faultsOfDatabase(driver: SqliteDriver, thorough: boolean): string[] {
  const tables = driver.all<{ name: string }>(FTS_TABLES).map(({ name }) => name);
  return faultsOf(driver.all(upToDate(driver, tables, thorough ? CHECK : QUICK_CHECK)));
}

/** Faults that the engine's check finds in an FTS5 table; it only reads, unlike the check by INSERT. */
export function faultsOfFts(driver: SqliteDriver, table: string): string[] {
  return faultsOf(driver.all(upToDate(driver, [table], CHECK_TABLE), [table, 'main']));
}

/** Faults that the engine's check finds in an ordinary table and its indexes. */
export function faultsOfTable(driver: SqliteDriver, table: string, schema: string): string[] {
  return faultsOf(driver.all(CHECK_TABLE, [table, schema]));
}

/**
 * FTS5 keeps the structure of its index for each connection and compares it with the file when a query or a write begins,
 * but not for the check by PRAGMA: after another connection has written, a sound index would be reported as damaged.
 * Each table is therefore queried first, in the statement of the check, so that no write can come between the two.
 */
function upToDate(driver: SqliteDriver, tables: readonly string[], check: string): string {
  const queries = tables.map(touch).filter((query) => canRun(driver, query));
  return [...queries, check].join('\n  UNION ALL');
}

/** False for a table so damaged that it cannot be queried, which the check has to report. */
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
