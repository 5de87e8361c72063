import type { SqliteDriver } from '../driver.js';

const hasIndex = (schema: string) => `
  SELECT 1 AS found FROM ${schema}.sqlite_master WHERE type = 'table' AND name = 'documents_vec_rowids'`;

const hasIndexOnly = (schema: string) => `
  SELECT 1 AS found
  FROM ${schema}.documents
  WHERE embedding IS NULL AND id IN (SELECT rowid FROM ${schema}.documents_vec_rowids)
  LIMIT 1`;

/**
 * Returns a predicate for the tables of a legacy store whose content exists nowhere else. Tables of the vector index
 * belong to them if any chunk has its vector only there.
 *
 * @param schema Schema name of the database that is the store. Default `main`.
 */
export function legacySourceTables(driver: SqliteDriver, schema = 'main'): (table: string) => boolean {
  const indexCounts =
    driver.first(hasIndex(schema)) !== undefined && driver.first(hasIndexOnly(schema)) !== undefined;
  return (table) => !table.startsWith('documents_fts') && (indexCounts || !table.startsWith('documents_vec'));
}
