// No imports: the detection process loads this module, and every first open waits for that process.

/** Kind of a database: empty, a store of the legacy or the libSQL backend, or something else. */
export type StoreKind = 'empty' | 'legacy' | 'switchyard-libsql' | 'foreign';

/** Names of the kinds in messages. */
export const STORE_KIND_NAMES: Readonly<Record<StoreKind, string>> = {
  empty: 'empty',
  legacy: 'a store of the sqlite-vec backend',
  'switchyard-libsql': 'a store of the libSQL backend',
  foreign: 'not a store of Switchyard',
};

/** Table that only stores of the libSQL backend have. */
export const LIBSQL_MARKER_TABLE = 'switchyard_meta';

/** Identifies a database by the names of its tables. Tables that SQLite engines create for themselves do not count. */
export function identifyStore(tableNames: Iterable<string>): StoreKind {
  const names = new Set([...tableNames].filter((name) => !/^(?:sqlite|libsql)_/.test(name)));
  if (names.size === 0) return 'empty';
  if (names.has(LIBSQL_MARKER_TABLE)) return 'switchyard-libsql';
  return names.has('_schema_migrations') && names.has('documents') ? 'legacy' : 'foreign';
}
