import type { SqliteDriver } from '@switchyard/sqlite-common';
import { createDefaultVectorIndex, createVectorIndex } from '../schema/tables.js';

const selectDeclaration = `
SELECT sql
FROM sqlite_master
WHERE type = 'table' AND name = 'documents_vec'`;

const selectAnyVector = `
SELECT 1
FROM documents_vec_rowids
LIMIT 1`;

/** Declaration of the vector index. */
export interface VectorTable {
  /** SQL statement that created it; null if the table does not exist. */
  readonly declaration: string | null;
  /** Declared dimension; null if the table does not exist. */
  readonly dimension: number | null;
  readonly empty: boolean;
}

/** Reads the declaration of the vector index. */
export function readVectorTable(driver: SqliteDriver): VectorTable {
  const declaration = driver.first<{ sql: string }>(selectDeclaration)?.sql;
  if (declaration === undefined) return { declaration: null, dimension: null, empty: true };
  const dimension = /\bembedding\s+float(?:32)?\s*\[\s*(\d+)\s*\]/i.exec(declaration)?.[1];
  return {
    declaration,
    dimension: dimension === undefined ? null : Number(dimension),
    empty: driver.first(selectAnyVector) === undefined,
  };
}

/**
 * Chunks whose vector exists only in the index, joined as `d`, `vs` and `v`: their `embedding` is NULL and the index
 * has them under their own library and version. Stores that the application upgraded from level 008 or older have all
 * their vectors there. CROSS JOIN and the unary pluses keep SQLite to the written order: vectors are looked up by chunk
 * id.
 */
export const fromIndexOnly = `
FROM documents AS d
JOIN pages AS p ON p.id = d.page_id
JOIN versions AS vs ON vs.id = p.version_id
CROSS JOIN documents_vec AS v ON v.rowid = d.id
WHERE d.embedding IS NULL AND +v.version_id = vs.id AND +v."library_id" = vs."library_id"`;

/** Replaces the vector index with an empty one that has the same declaration. */
export function emptyVectorTable(driver: SqliteDriver, declaration: string): void {
  driver.exec('DROP TABLE documents_vec');
  driver.exec(declaration);
}

/** Replaces the vector index with an empty one of the dimension, or of the default dimension if null. */
export function recreateVectorTable(driver: SqliteDriver, dimension: number | null): void {
  driver.exec('DROP TABLE IF EXISTS documents_vec');
  driver.exec(dimension === null ? createDefaultVectorIndex : createVectorIndex(dimension));
}
