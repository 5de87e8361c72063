import { statSync } from 'node:fs';
import Database from 'better-sqlite3';

const SETTINGS = ['user_version', 'application_id', 'schema_version', 'journal_mode', 'page_size'];

/** Everything a store holds: rows, objects of the schema, settings of the file. The same for nothing and an empty file. */
export function fingerprintOf(path: string): unknown {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0) return null;
  const database = new Database(path);
  try {
    const all = (sql: string) => database.prepare(sql).all() as Record<string, unknown>[];
    const schema = all('SELECT type, name, tbl_name, rootpage, sql FROM sqlite_master ORDER BY type, name');
    const rows = schema
      .filter(({ type, sql }) => type === 'table' && !String(sql).startsWith('CREATE VIRTUAL'))
      .map(({ name }) => [name, all(`SELECT * FROM "${String(name)}"`)]);
    return { schema, rows, settings: SETTINGS.map((name) => all(`PRAGMA ${name}`)) };
  } finally {
    database.close();
  }
}
