import { SqliteVecBackend } from '@switchyard/backend-sqlite-vec';
import Database from 'better-sqlite3';

/** Creates an empty legacy store of level 013, as an older release of the application leaves it. */
export async function makeOldStore(path: string): Promise<void> {
  const backend = new SqliteVecBackend({ path });
  await backend.open();
  await backend.migrator.migrate();
  await backend.close();
  // The step from 013 to 014 only rebuilds the vector index, so a store without the record of it is one of level 013.
  const database = new Database(path);
  database.exec("DELETE FROM _schema_migrations WHERE id >= '014'");
  database.close();
}
