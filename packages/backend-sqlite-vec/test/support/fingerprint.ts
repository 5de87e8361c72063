import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import Database from 'better-sqlite3';

const SETTINGS = ['user_version', 'application_id', 'schema_version', 'journal_mode', 'page_size'];

/** Digests of a store by name: `schema`, `settings` and one per table, so that a difference names the table. */
export type Fingerprint = Readonly<Record<string, string>>;

/**
 * Digests of everything a store holds: rows, objects of the schema, settings of the file. Null for an absent or empty
 * file. Digests, since a comparison of the rows themselves takes the test runner seconds.
 */
export function fingerprintOf(path: string): Fingerprint | null {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0) return null;
  const database = new Database(path);
  try {
    const rowsOf = (sql: string) => database.prepare(sql).raw();
    const schema = database
      .prepare<[], { type: string; name: string; sql: string | null }>(
        'SELECT type, name, sql FROM sqlite_master ORDER BY type, name',
      )
      .all();
    const tables = schema
      .filter(({ type, sql }) => type === 'table' && !String(sql).startsWith('CREATE VIRTUAL'))
      .map(({ name }) => [`table ${name}`, digest(rowsOf(`SELECT * FROM "${name}"`).iterate())]);
    return Object.fromEntries([
      [
        'schema',
        digest(
          rowsOf(
            'SELECT type, name, tbl_name, rootpage, sql FROM sqlite_master ORDER BY type, name',
          ).iterate(),
        ),
      ],
      ['settings', digest(SETTINGS.flatMap((name) => rowsOf(`PRAGMA ${name}`).all()))],
      ...tables,
    ]);
  } finally {
    database.close();
  }
}

/** Hashes each value with its type and length, so that different rows never give the same input. */
function digest(rows: Iterable<unknown>): string {
  const hash = createHash('sha256');
  for (const row of rows) {
    for (const value of row as readonly unknown[]) {
      const bytes = Buffer.isBuffer(value) ? value : Buffer.from(String(value));
      hash.update(`${typeof value} ${bytes.length}:`).update(bytes);
    }
    hash.update('\n');
  }
  return hash.digest('hex');
}
