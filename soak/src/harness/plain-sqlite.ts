// SQLite without anything of Switchyard: a build that is not libSQL's, as long as there is one.
import Database from 'better-sqlite3'; // @legacy
// @after-legacy: import Database from 'libsql';
import * as sqliteVec from 'sqlite-vec'; // @legacy

export type PlainDatabase = Database.Database;

/** Opens a database file. For processes that open it with nothing else. */
export function openPlain(file: string): PlainDatabase {
  const database = new Database(file);
  sqliteVec.load(database); // @legacy
  return database;
}
