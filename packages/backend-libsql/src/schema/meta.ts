import { type SqliteDriver, text } from '@switchyard/sqlite-common';

/** Metadata of a store. */
export type MetaKey = 'schema_level' | 'embedding_model' | 'embedding_dimension' | 'embedding_metric';

// Aliased, because sqld uppercases keywords: `key` would come back as `KEY`.
const READ = `
  SELECT ${text('switchyard_meta.key', { as: 'name' })}, ${text('switchyard_meta.value')} FROM switchyard_meta`;

const PUT = `
  INSERT INTO switchyard_meta (key, value) VALUES (?1, ?2)
  ON CONFLICT (key) DO UPDATE SET value = excluded.value`;

const DELETE = `
  DELETE FROM switchyard_meta WHERE key = ?1`;

/** Reads all metadata of a store. */
export function readMeta(driver: SqliteDriver): ReadonlyMap<string, string> {
  return new Map(driver.all<{ name: string; value: string }>(READ).map(({ name, value }) => [name, value]));
}

/** Writes a value; null removes it. */
export function writeMeta(driver: SqliteDriver, key: MetaKey, value: string | null): void {
  if (value === null) driver.run(DELETE, [key]);
  else driver.run(PUT, [key, value]);
}
