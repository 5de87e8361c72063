import { statSync } from 'node:fs';
import { type PeekedValue, readTable } from './btree-records.js';
import { openPages } from './pages.js';

/** Content found at a path. */
export type Peeked =
  /** There is no such file. */
  | { readonly kind: 'absent' }
  /** A file of no bytes: what a driver makes of a new database before it writes to it. */
  | { readonly kind: 'empty' }
  /** Something else than a SQLite database, or a folder. */
  | { readonly kind: 'other' }
  | PeekedDatabase;

/** A SQLite database, seen from outside. */
export interface PeekedDatabase {
  readonly kind: 'database';
  /** Whether text is stored as UTF-16. */
  readonly utf16: boolean;
  /** The SQL of every table, by name; shadow tables of virtual tables included. */
  readonly tables: ReadonlyMap<string, string>;
  /** The rows of those of the asked-for tables that exist, by table. */
  readonly rows: ReadonlyMap<string, readonly (readonly PeekedValue[])[]>;
}

/**
 * Looks into a database file without opening it as one, and so without a lock, a recovery, a checkpoint or a file
 * beside it: opening a foreign database just to find out what it is may already change it. What a killed process left
 * in the write-ahead log is seen.
 *
 * @param wanted Small tables whose rows are wanted: the column values in the order of the declaration, except that an
 * INTEGER PRIMARY KEY reads as null. Tables WITHOUT ROWID cannot be read.
 * @throws RangeError when the file is a database and damaged; what the file system throws.
 */
export function peekDatabase(path: string, wanted: readonly string[]): Peeked {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return { kind: 'absent' };
  if (!stat.isFile()) return { kind: 'other' };
  if (stat.size === 0) return { kind: 'empty' };
  const pages = openPages(path);
  if (pages === null) return { kind: 'other' };
  try {
    const tables = new Map<string, string>();
    const roots = new Map<string, number>();
    for (const [type, name, , rootPage, sql] of readTable(pages, 1)) {
      if (type !== 'table' || typeof name !== 'string') continue;
      tables.set(name, typeof sql === 'string' ? sql : '');
      if (typeof rootPage === 'number') roots.set(name, rootPage);
    }
    const rows = new Map<string, readonly (readonly PeekedValue[])[]>();
    for (const table of wanted) {
      const root = roots.get(table);
      if (root !== undefined && root !== 0) rows.set(table, [...readTable(pages, root)]);
    }
    return { kind: 'database', utf16: pages.textEncoding !== 'utf-8', tables, rows };
  } finally {
    pages.close();
  }
}
