import { type SqliteDriver, textOf } from '@switchyard/sqlite-common';
import type { ChunkId, VersionId } from '@switchyard/storage-core';
import { ByteReader } from '../postings/varint.js';

/** Texts of a version, by id − first. */
export interface VersionTexts {
  readonly first: number;
  readonly last: number;
  /** Tokens in all columns together; NaN for ids that are not a text of the version. */
  readonly lengths: Float64Array;
  /** 1 for structural chunks. */
  readonly structural: Uint8Array;
}

/** Ids and lengths, each concatenated into one value in the same order: a row per text costs more than its content. */
const LENGTHS = `
  SELECT
    count(*) AS texts,
    min(documents.id) AS first,
    max(documents.id) AS last,
    ${textOf('group_concat(documents.id)', 'ids', 'documents.id')},
    CAST(group_concat(documents_fts_docsize.sz, '') AS BLOB) AS sizes
  FROM documents INDEXED BY documents_by_version
  CROSS JOIN documents_fts_docsize ON documents_fts_docsize.id = documents.id
  WHERE documents.version_id = ?1`;

const STRUCTURAL = `
  SELECT id FROM documents INDEXED BY documents_structural WHERE version_id = ?1 AND structural = 1`;

/** Maximum distance between the first and the last id; above it, an array of all ids in between is too large. */
const MAX_ID_SPAN = 8_000_000;

/** Returns true if the version has a text with this id in the index. */
export function hasText({ first, last, lengths }: VersionTexts, id: ChunkId): boolean {
  return id >= first && id <= last && !Number.isNaN(lengths[id - first]);
}

/** Reads the texts of a version; null if it has none, undefined if their ids are too far apart. */
export function readVersionTexts(
  driver: SqliteDriver,
  versionId: VersionId,
  columns: number,
): VersionTexts | null | undefined {
  const row = driver.first<{ first: number; last: number; ids: string; sizes: Uint8Array; texts: number }>(
    LENGTHS,
    [versionId],
  );
  if (row === undefined || row.texts === 0) return null;
  const { first, last } = row;
  if (last - first >= MAX_ID_SPAN) return undefined;
  const lengths = new Float64Array(last - first + 1).fill(Number.NaN);
  const reader = new ByteReader(row.sizes);
  for (const id of row.ids.split(',')) {
    let tokens = 0;
    for (let column = 0; column < columns; column++) tokens += reader.varint();
    lengths[Number(id) - first] = tokens;
  }
  const structural = new Uint8Array(lengths.length);
  for (const { id } of driver.all<{ id: number }>(STRUCTURAL, [versionId])) structural[id - first] = 1;
  return { first, last, lengths, structural };
}
