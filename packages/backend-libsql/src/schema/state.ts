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

/** A step of the schema as a store recorded it. */
export interface RecordedStep {
  readonly id: number;
  readonly name: string;
  readonly checksum: string;
}

/** What a database is, and how far its schema has come. */
export interface SchemaState {
  readonly kind: StoreKind;
  /** Null where there is no schema of this backend. */
  readonly level: number | null;
  readonly steps: readonly RecordedStep[];
}

const STEPS = `(
      SELECT json_group_array(json_object('id', id, 'name', name, 'checksum', checksum))
      FROM (SELECT id, name, checksum FROM switchyard_migrations ORDER BY id)
    )`;

// Everything in one statement: on a server each one costs round trips, and this one is sent at every opening.
const STATE = `
  SELECT
    ${textOf(`(SELECT value FROM ${LIBSQL_MARKER_TABLE} WHERE key = 'schema_level')`, 'level', 'switchyard_meta.value')},
    ${textOf(STEPS, 'steps', 'switchyard_migrations.name')}`;

/** What a database is, by the names of its tables. */
export function readKind(driver: SqliteDriver): StoreKind {
  return identifyStore(driver.all<{ name: string }>(TABLE_NAMES).map(({ name }) => name));
}

/** Reads everything there is to know before a store is used: one statement where there is a store. */
export function readSchemaState(driver: SqliteDriver): SchemaState {
  const state = readState(driver);
  if (state !== null) return state;
  const kind = readKind(driver);
  if (kind !== 'switchyard-libsql') return { kind, level: null, steps: [] };
  // Made by another client between the two reads; or a store that lost a table, which is not an empty one.
  return stateFrom(driver);
}

/** Null where a table of it is missing. */
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
      "What the store says under 'schema_level' in switchyard_meta is not a level: its file is damaged. Restore a backup.",
      { backend: BACKEND_NAME },
    );
  }
  return { kind: 'switchyard-libsql', level, steps };
}
