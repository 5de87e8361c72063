import { statSync } from 'node:fs';
import { type PeekedValue, readTable } from './btree-records.js';
import { openPages } from './pages.js';

/** Content found at a path. */
export type Peeked =
  /** The path does not exist. */
  | { readonly kind: 'absent' }
  /** An empty file: what a driver creates for a new database before it writes to it. */
  | { readonly kind: 'empty' }
  /** A folder, or a file that is not a SQLite database. */
  | { readonly kind: 'other' }
  | PeekedDatabase;

/** Contents of a SQLite database, read from its bytes. */
export interface PeekedDatabase {
  readonly kind: 'database';
  /** True if text is stored as UTF-16. */
  readonly utf16: boolean;
  /** SQL of every table by name, including shadow tables of virtual tables. */
  readonly tables: ReadonlyMap<string, string>;
  /** Rows of the requested tables that exist, by table. */
  readonly rows: ReadonlyMap<string, readonly (readonly PeekedValue[])[]>;
}

/**
 * Reads a database file without opening it as one, and so without a lock, a recovery, a checkpoint or a new file next
 * to it: opening a foreign database only to identify it may already change it. Includes committed frames that a killed
 * process left in the WAL.
 *
 * @param wanted Small tables whose rows are read: the column values in declaration order, except that an INTEGER
 * PRIMARY KEY reads as null. WITHOUT ROWID tables are not supported.
 * @throws RangeError if the file is a damaged database; Error of the file system.
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
