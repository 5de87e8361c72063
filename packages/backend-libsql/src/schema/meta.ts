import type { SqliteDriver } from '@switchyard/sqlite-common';

/** What a store says of itself. */
export type MetaKey = 'schema_level' | 'embedding_model' | 'embedding_dimension' | 'embedding_metric';

const READ = `
  SELECT key, value FROM switchyard_meta`;

const PUT = `
  INSERT INTO switchyard_meta (key, value) VALUES (?1, ?2)
  ON CONFLICT (key) DO UPDATE SET value = excluded.value`;

const DELETE = `
  DELETE FROM switchyard_meta WHERE key = ?1`;

/** Everything a store says of itself. */
export function readMeta(driver: SqliteDriver): ReadonlyMap<string, string> {
  return new Map(driver.all<{ key: string; value: string }>(READ).map(({ key, value }) => [key, value]));
}

/** Writes one fact; null removes it. */
export function writeMeta(driver: SqliteDriver, key: MetaKey, value: string | null): void {
  if (value === null) driver.run(DELETE, [key]);
  else driver.run(PUT, [key, value]);
}
