import type { SqliteDriver } from '@switchyard/sqlite-common';

/** Counts of the content of a legacy store. Sizes in bytes. */
export interface LegacyCounts {
  readonly libraries: number;
  readonly versions: number;
  readonly pages: number;
  readonly chunks: number;
  /** Number of chunks with a stored embedding, valid or not. */
  readonly embeddings: number;
  /** Number of chunks with no embedding but an entry in the index, where old stores keep their vectors. */
  readonly indexOnly: number;
  /** Size of the content and metadata of the chunks. */
  readonly textBytes: number;
  /** Size of the embeddings, as text. */
  readonly embeddingBytes: number;
  /** Size of the full-text index without its copy of the texts. */
  readonly wordBytes: number;
}

const ROWS = `
  SELECT
    (SELECT count(*) FROM legacy.libraries) AS libraries,
    (SELECT count(*) FROM legacy.versions) AS versions,
    (SELECT count(*) FROM legacy.pages) AS pages`;

/** octet_length() determines the size of a value without reading it. */
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

/** Counts the content of an attached legacy store. */
export function countLegacy(driver: SqliteDriver): LegacyCounts {
  const row = {
    ...driver.first<Record<string, number>>(ROWS),
    ...driver.first<Record<string, number>>(CHUNKS),
    ...driver.first<Record<string, number>>(WORDS),
    indexOnly: driver.first(HAS_INDEX) === undefined ? 0 : (driver.first<{ n: number }>(INDEX_ONLY)?.n ?? 0),
  };
  return row as unknown as LegacyCounts;
}
