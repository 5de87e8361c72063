import type { SqliteDriver } from '../driver.js';
import { RECORD_TRIGGER, TRIGGERS } from './log-statements.js';
import { logTriggers } from './log-triggers.sql.js';

/** Creates the triggers that log changes; leaves those that are sound. */
export function createLogTriggers(driver: SqliteDriver): void {
  for (const name of faultyLogTriggers(driver)) {
    const definition = logTriggers.get(name) as string;
    driver.exec(`DROP TRIGGER IF EXISTS ${name}`);
    driver.exec(definition);
    driver.run(RECORD_TRIGGER, [name, definition]);
  }
}

/** Drops the triggers that log changes. */
export function dropLogTriggers(driver: SqliteDriver): void {
  for (const name of logTriggers.keys()) driver.exec(`DROP TRIGGER IF EXISTS ${name}`);
}

interface TriggerRow {
  readonly name: string;
  readonly definition: string;
  readonly kept: string;
  readonly sql: string | null;
}

/** Returns the names of triggers that are missing, as after a table was rebuilt, or that were replaced. */
export function faultyLogTriggers(driver: SqliteDriver): string[] {
  const found = new Map(driver.all<TriggerRow>(TRIGGERS).map((row) => [row.name, row]));
  return [...logTriggers].filter(([name, sql]) => !isSound(found.get(name), sql)).map(([name]) => name);
}

function isSound(row: TriggerRow | undefined, definition: string): boolean {
  return (
    row !== undefined &&
    row.sql !== null &&
    row.definition === definition &&
    plain(row.sql) === plain(row.kept)
  );
}

/** SQLite quotes the name of a table in a trigger when that table is renamed. */
function plain(sql: string): string {
  return sql.replaceAll(/[\s"`]+/g, ' ').trim();
}
