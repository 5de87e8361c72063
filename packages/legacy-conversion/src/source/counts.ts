import type { SqliteDriver } from '@switchyard/sqlite-common';

/** What a legacy store holds, counted. Sizes in bytes. */
export interface LegacyCounts {
  readonly libraries: number;
  readonly versions: number;
  readonly pages: number;
  readonly chunks: number;
  /** Chunks that have something as their embedding. */
  readonly embeddings: number;
  /** Chunks that have no embedding and an entry in the index, which is where old stores have their vectors. */
  readonly indexOnly: number;
  /** Content and metadata of the chunks. */
  readonly textBytes: number;
  /** The embeddings, as text. */
  readonly embeddingBytes: number;
  /** The full-text index without its copy of the texts. */
  readonly wordBytes: number;
}

const ROWS = `
  SELECT
    (SELECT count(*) FROM legacy.libraries) AS libraries,
    (SELECT count(*) FROM legacy.versions) AS versions,
    (SELECT count(*) FROM legacy.pages) AS pages`;

/** octet_length() reads the size of a value and not the value. */
const CHUNKS = `
  SELECT
    count(*) AS chunks,
    count(embedding) AS embeddings,
    coalesce(sum(coalesce(octet_length(content), 0) + coalesce(octet_length(metadata), 0)), 0) AS textBytes,
    coalesce(sum(octet_length(embedding)), 0) AS embeddingBytes
  FROM legacy.documents`;

const WORDS = `
  SELECT
    (SELECT coalesce(sum(octet_length(block)), 0) FROM legacy.documents_fts_data)
    + (SELECT coalesce(sum(octet_length(term) + 8), 0) FROM legacy.documents_fts_idx) AS wordBytes`;

const HAS_INDEX = `
  SELECT 1 AS found FROM legacy.sqlite_master WHERE type = 'table' AND name = 'documents_vec_rowids'`;

const INDEX_ONLY = `
  SELECT count(*) AS n
  FROM legacy.documents
  WHERE embedding IS NULL AND id IN (SELECT rowid FROM legacy.documents_vec_rowids)`;

/** Counts what an attached legacy store holds. */
export function countLegacy(driver: SqliteDriver): LegacyCounts {
  const row = {
    ...driver.first<Record<string, number>>(ROWS),
    ...driver.first<Record<string, number>>(CHUNKS),
    ...driver.first<Record<string, number>>(WORDS),
    indexOnly: driver.first(HAS_INDEX) === undefined ? 0 : (driver.first<{ n: number }>(INDEX_ONLY)?.n ?? 0),
  };
  return row as unknown as LegacyCounts;
}
