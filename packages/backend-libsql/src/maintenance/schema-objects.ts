import { type SqliteDriver, text } from '@switchyard/sqlite-common';
import type { DamageList } from '@switchyard/storage-core/backend';
import { LATEST_LEVEL, schemaSteps } from '../schema/levels.js';
import { readSchemaState } from '../schema/state.js';
import { createVectorTable } from '../schema/vector-table.sql.js';
import { openMemory } from '../store/memory.js';
import { createTables, HAS_TABLES } from '../vectors/diskann/diskann-statements.js';
import { readProfile } from '../vectors/profile.js';

export const RESTORE_SCHEMA = 'Create the missing parts of the schema again.';

const OBJECTS = `
  SELECT
    ${text('sqlite_master.name')},
    ${text('sqlite_master.type')},
    ${text('sqlite_master.tbl_name', { as: 'table' })},
    ${text('sqlite_master.sql')}
  FROM sqlite_master
  WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE 'libsql\\_%' ESCAPE '\\' AND sql IS NOT NULL`;

/** Tables that only contain data derived from others. */
const DERIVED = /^(?:documents_fts|vector_codes|vector_generations|written_pages)/;

/** Returns true for a table that can be rebuilt from others. */
export function isDerived(table: string): boolean {
  return DERIVED.test(table);
}

interface SchemaObject {
  readonly name: string;
  readonly type: string;
  readonly table: string;
  readonly sql: string;
}

/** Reports tables, indexes, views and triggers of the schema that the store lacks. */
export function checkSchemaObjects(driver: SqliteDriver, list: DamageList): void {
  for (const { type, name, table } of missingObjects(driver)) {
    const canBeMade = type !== 'table' || isDerived(table);
    list.add({
      code: 'schema',
      detail: `The ${type} ${name} is missing.`,
      repair: canBeMade ? RESTORE_SCHEMA : null,
      advice: canBeMade ? null : 'Its content is lost: restore a backup.',
    });
  }
}

/** Creates the missing parts of the schema. Must run in a write transaction. Full text and codes must then be rebuilt. */
export function restoreSchemaObjects(driver: SqliteDriver): void {
  for (const { type, name, table, sql } of missingObjects(driver)) {
    if (type === 'table' && !isDerived(table)) continue;
    // The shadow tables of FTS5 are created and dropped with the table itself.
    if (/^documents_fts_/.test(name)) continue;
    driver.exec(sql);
  }
}

function missingObjects(driver: SqliteDriver): SchemaObject[] {
  if (readSchemaState(driver).level !== LATEST_LEVEL) return [];
  const there = new Set(driver.all<SchemaObject>(OBJECTS).map(({ name }) => name));
  return expectedObjects(driver).filter(({ name }) => !there.has(name));
}

/** Returns the schema objects of a new store with the same kinds of indexes. */
function expectedObjects(driver: SqliteDriver): SchemaObject[] {
  const profile = readProfile(driver);
  const hasAnnIndexes = driver.first(HAS_TABLES) !== undefined;
  const fresh = openMemory();
  try {
    for (const { sql } of schemaSteps) fresh.exec(sql);
    if (profile !== null) createVectorTable(fresh, profile.dimension);
    if (profile !== null && hasAnnIndexes) fresh.exec(createTables(profile.dimension));
    return fresh.all<SchemaObject>(OBJECTS);
  } finally {
    fresh.close();
  }
}
