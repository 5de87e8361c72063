import { StorageError } from '@switchyard/storage-core';
import { text } from '../rows/text-columns.js';

/** What a database is: nothing yet, a store of the legacy backend, a store of the libSQL backend, or something else. */
export type StoreKind = 'empty' | 'legacy' | 'switchyard-libsql' | 'foreign';

/** The table that only stores of the libSQL backend have. */
export const LIBSQL_MARKER_TABLE = 'switchyard_meta';

/** Names of all tables, for stores that are asked by SQL. */
export const TABLE_NAMES = `
  SELECT ${text('sqlite_master.name')} FROM sqlite_master WHERE type = 'table'`;

/** Tells from the names of its tables what a database is. Tables that engines make for themselves do not count. */
export function identifyStore(tableNames: Iterable<string>): StoreKind {
  const names = new Set([...tableNames].filter((name) => !/^(?:sqlite|libsql)_/.test(name)));
  if (names.size === 0) return 'empty';
  if (names.has(LIBSQL_MARKER_TABLE)) return 'switchyard-libsql';
  return names.has('_schema_migrations') && names.has('documents') ? 'legacy' : 'foreign';
}

/**
 * Refuses a store of another kind, naming the way that helps. An empty one is welcome everywhere.
 *
 * @param location The path, as a person would write it in a command.
 * @throws StorageError `STORAGE_SCHEMA_UNSUPPORTED`.
 */
export function requireKind(
  kind: StoreKind,
  expected: 'legacy' | 'switchyard-libsql',
  { backend, location }: { readonly backend: string; readonly location: string },
): void {
  if (kind === 'empty' || kind === expected) return;
  throw new StorageError('STORAGE_SCHEMA_UNSUPPORTED', refusals[kind](location), {
    backend,
    details: { found: kind, expected },
  });
}

const refusals: Readonly<Record<Exclude<StoreKind, 'empty'>, (location: string) => string>> = {
  legacy: (location) =>
    `${location} is a store of the sqlite-vec backend: open it as sqlite-vec:${location}, ` +
    `or convert it: switchyard convert ${location} --to NEW.db. Nothing was changed.`,
  'switchyard-libsql': (location) =>
    `${location} is a store of the libsql backend: open it as file:${location}. Nothing was changed.`,
  foreign: (location) =>
    `${location} is a database, but not a store of Switchyard: give the path of a store or of a new file. ` +
    'Nothing was changed.',
};
