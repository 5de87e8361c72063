import {
  identifyStore,
  LIBSQL_MARKER_TABLE,
  type SqliteDriver,
  type StoreKind,
  TABLE_NAMES,
  textOf,
} from '@switchyard/sqlite-common';
import { StorageError } from '@switchyard/storage-core';
import { BACKEND_NAME } from '../capabilities.js';

/** Schema step as recorded by a store. */
export interface RecordedStep {
  readonly id: number;
  readonly name: string;
  readonly checksum: string;
}

/** Kind of a database, and the level of its schema. */
export interface SchemaState {
  readonly kind: StoreKind;
  /** Null without a schema of this backend. */
  readonly level: number | null;
  readonly steps: readonly RecordedStep[];
}

const STEPS = `(
      SELECT json_group_array(json_object('id', id, 'name', name, 'checksum', checksum))
      FROM (SELECT id, name, checksum FROM switchyard_migrations ORDER BY id)
    )`;

// One statement: on a server each one costs round trips, and this one is sent at every opening.
const STATE = `
  SELECT
    ${textOf(`(SELECT value FROM ${LIBSQL_MARKER_TABLE} WHERE key = 'schema_level')`, 'level', 'switchyard_meta.value')},
    ${textOf(STEPS, 'steps', 'switchyard_migrations.name')}`;

/** Reads the kind of a database from the names of its tables. */
export function readKind(driver: SqliteDriver): StoreKind {
  return identifyStore(driver.all<{ name: string }>(TABLE_NAMES).map(({ name }) => name));
}

/** Reads the schema state, by one statement if there is a store. */
export function readSchemaState(driver: SqliteDriver): SchemaState {
  const state = readState(driver);
  if (state !== null) return state;
  const kind = readKind(driver);
  if (kind !== 'switchyard-libsql') return { kind, level: null, steps: [] };
  // Created by another client between the two reads; or a store that lost a table, which is not an empty one.
  return stateFrom(driver);
}

/** Returns null if a table is missing. */
function readState(driver: SqliteDriver): SchemaState | null {
  try {
    return stateFrom(driver);
  } catch (error) {
    if (error instanceof Error && /no such table/i.test(error.message)) return null;
    throw error;
  }
}

function stateFrom(driver: SqliteDriver): SchemaState {
  const row = driver.first<{ level: string | null; steps: string }>(STATE);
  const steps = JSON.parse(row?.steps ?? '[]') as RecordedStep[];
  const level = Number(row?.level ?? 0);
  if (!Number.isSafeInteger(level)) {
    throw new StorageError(
      'STORAGE_CORRUPT',
      "The value of 'schema_level' in switchyard_meta is not a level: the file of the store is damaged. Restore a backup.",
      { backend: BACKEND_NAME },
    );
  }
  return { kind: 'switchyard-libsql', level, steps };
}
