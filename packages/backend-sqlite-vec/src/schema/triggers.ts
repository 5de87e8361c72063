import type { SqliteDriver } from '@switchyard/sqlite-common';

/** Triggers of a level-014 store, by name. They keep the full-text and the vector index in step with documents. */
export const triggers = {
  versions_updated_at: `CREATE TRIGGER versions_updated_at
AFTER UPDATE ON versions BEGIN
  UPDATE versions SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
END`,
  pages_updated_at_trigger: `CREATE TRIGGER pages_updated_at_trigger AFTER UPDATE ON pages BEGIN
  UPDATE pages SET updated_at = CURRENT_TIMESTAMP WHERE id = new.id;
END`,
  documents_fts_after_delete: `CREATE TRIGGER documents_fts_after_delete AFTER DELETE ON documents BEGIN
  DELETE FROM documents_fts WHERE rowid = old.id;
END`,
  documents_fts_after_update: `CREATE TRIGGER documents_fts_after_update AFTER UPDATE ON documents BEGIN
  DELETE FROM documents_fts WHERE rowid = old.id;
  INSERT INTO documents_fts(rowid, content, title, url, path)
  SELECT new.id, new.content, p.title, p.url, json_extract(new.metadata, '$.path')
  FROM pages p WHERE p.id = new.page_id;
END`,
  documents_fts_after_insert: `CREATE TRIGGER documents_fts_after_insert AFTER INSERT ON documents BEGIN
  INSERT INTO documents_fts(rowid, content, title, url, path)
  SELECT new.id, new.content, p.title, p.url, json_extract(new.metadata, '$.path')
  FROM pages p WHERE p.id = new.page_id;
END`,
  documents_vec_after_insert: `CREATE TRIGGER documents_vec_after_insert
AFTER INSERT ON documents
WHEN NEW.embedding IS NOT NULL
BEGIN
  INSERT OR REPLACE INTO documents_vec (rowid, library_id, version_id, embedding)
  SELECT NEW.id, v.library_id, v.id, json_extract(NEW.embedding, '$')
  FROM pages p
  JOIN versions v ON p.version_id = v.id
  WHERE p.id = NEW.page_id;
END`,
  documents_vec_after_update: `CREATE TRIGGER documents_vec_after_update
AFTER UPDATE OF embedding, page_id ON documents
BEGIN
  DELETE FROM documents_vec WHERE rowid = OLD.id;
  INSERT OR REPLACE INTO documents_vec (rowid, library_id, version_id, embedding)
  SELECT NEW.id, v.library_id, v.id, json_extract(NEW.embedding, '$')
  FROM pages p
  JOIN versions v ON p.version_id = v.id
  WHERE p.id = NEW.page_id AND NEW.embedding IS NOT NULL;
END`,
  documents_vec_after_delete: `CREATE TRIGGER documents_vec_after_delete
AFTER DELETE ON documents
BEGIN
  DELETE FROM documents_vec WHERE rowid = OLD.id;
END`,
} as const;

/** The name of one of {@link triggers}. */
export type TriggerName = keyof typeof triggers;

const triggerNames = Object.keys(triggers) as TriggerName[];

/** Names of the triggers that maintain one of the two indexes. */
export function triggersOf(index: 'fts' | 'vec'): readonly TriggerName[] {
  return triggerNames.filter((name) => name.startsWith(`documents_${index}_`));
}

const selectTriggers = `
SELECT name, sql
FROM sqlite_master
WHERE type = 'trigger'`;

/** Difference between a trigger of the store and its definition. */
export interface TriggerFault {
  readonly name: TriggerName;
  readonly fault: 'missing' | 'different';
}

/** Returns triggers that are missing or differ from their definition. */
export function faultyTriggers(driver: SqliteDriver): readonly TriggerFault[] {
  const found = new Map(
    driver.all<{ name: string; sql: string }>(selectTriggers).map(({ name, sql }) => [name, sql]),
  );
  return triggerNames.flatMap((name): TriggerFault[] => {
    const sql = found.get(name);
    if (sql === undefined) return [{ name, fault: 'missing' }];
    return sameStatement(sql, triggers[name]) ? [] : [{ name, fault: 'different' }];
  });
}

const countDocumentTriggers = `
SELECT count(*) AS n
FROM sqlite_master
WHERE type = 'trigger' AND name IN (
  'documents_fts_after_delete',
  'documents_fts_after_update',
  'documents_fts_after_insert',
  'documents_vec_after_insert',
  'documents_vec_after_update',
  'documents_vec_after_delete'
)`;

/**
 * Restores missing triggers that a write to documents relies on, before the write and in its transaction. A trigger
 * that was replaced is left alone, since that was deliberate.
 */
export function restoreMissingTriggers(driver: SqliteDriver): void {
  if (driver.first<{ n: number }>(countDocumentTriggers)?.n === 6) return;
  const missing = faultyTriggers(driver).filter(({ fault }) => fault === 'missing');
  restoreTriggers(
    driver,
    missing.map(({ name }) => name),
  );
}

/** Creates all triggers in a store that has none. */
export function createTriggers(driver: SqliteDriver): void {
  for (const name of triggerNames) driver.exec(triggers[name]);
}

/** Restores the given triggers. */
export function restoreTriggers(driver: SqliteDriver, names: readonly TriggerName[]): void {
  for (const name of names) {
    driver.exec(`DROP TRIGGER IF EXISTS ${name}`);
    driver.exec(triggers[name]);
  }
}

/**
 * Runs work without firing some of the triggers, and restores them afterwards. Must run inside a transaction, so that
 * no other connection sees the store without them.
 */
export function withoutTriggers(driver: SqliteDriver, names: readonly TriggerName[], work: () => void): void {
  for (const name of names) driver.exec(`DROP TRIGGER IF EXISTS ${name}`);
  work();
  for (const name of names) driver.exec(triggers[name]);
}

function sameStatement(a: string, b: string): boolean {
  return plain(a) === plain(b);
}

function plain(sql: string): string {
  return sql
    .replaceAll(/[\s"`]+/g, ' ')
    .trim()
    .toLowerCase();
}
