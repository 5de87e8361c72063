import type { SqliteDriver } from '@switchyard/sqlite-common';
import { VECTOR_PAGE_WRITES } from './page-writes.sql.js';

/**
 * Columns of a vector table: raw little-endian float32, one row per chunk. The key is the chunk alone, and an index leads
 * from a version to its chunks in order: rows of some kilobytes with the key (version, chunk) and WITHOUT ROWID spill to
 * overflow pages at every dimension in use, which costs space and time.
 */
function columns(dimension: number): string {
  return `
      document_id INTEGER PRIMARY KEY,
      version_id INTEGER NOT NULL,
      -- 1 when float32 arithmetic on the vector is not to be trusted: see vectors/scale.ts.
      unscaled INTEGER NOT NULL DEFAULT 0,
      embedding F32_BLOB(${dimension}) NOT NULL`;
}

/** Objects that are created and dropped with the vector table. */
const COMPANIONS = `
    CREATE INDEX document_vectors_by_version ON document_vectors (version_id);
    CREATE INDEX document_vectors_unscaled ON document_vectors (version_id) WHERE unscaled = 1;

    -- The log of 8-bit codes: see vectors/codes/code-log.ts. removed: ids as little-endian float64.
    CREATE TABLE vector_codes (
      id INTEGER PRIMARY KEY,
      version_id INTEGER NOT NULL,
      first_generation INTEGER NOT NULL,
      last_generation INTEGER NOT NULL,
      vectors INTEGER NOT NULL,
      removed BLOB,
      codes BLOB
    );
    CREATE INDEX vector_codes_by_version ON vector_codes (version_id, last_generation);
    ${VECTOR_PAGE_WRITES}`;

/** Creates the vector table, once the dimension is known. */
export function createVectorTable(driver: SqliteDriver, dimension: number): void {
  driver.exec(`
    CREATE TABLE document_vectors (${columns(dimension)}
    );
    ${COMPANIONS}`);
}

/** Creates the table of staged vectors, which will replace those of the store. */
export function createStagedVectorTable(driver: SqliteDriver, dimension: number): void {
  driver.exec(`
    CREATE TABLE staged_vectors (${columns(dimension)}
    );`);
}

/** Makes the staged table the vector table of the store, which must have none. Copies no vector. */
export function installStagedVectorTable(driver: SqliteDriver): void {
  driver.exec(`
    ALTER TABLE staged_vectors RENAME TO document_vectors;
    ${COMPANIONS}`);
}

/** Drops all vectors, and what was derived from them. */
export function dropVectorTable(driver: SqliteDriver): void {
  driver.exec(`
    DROP VIEW IF EXISTS vector_page_writes;
    DROP TABLE IF EXISTS document_vectors;
    DROP TABLE IF EXISTS vector_codes;
    DROP TABLE IF EXISTS neighbour_indexes;
    DROP TABLE IF EXISTS neighbour_entries;
    DROP TABLE IF EXISTS neighbour_members;
    DROP TABLE IF EXISTS neighbour_pending;`);
}
