import { type SqliteDriver, textOf } from '@switchyard/sqlite-common';
import type { VersionId } from '@switchyard/storage-core';
import { ByteReader } from '../postings/varint.js';

/** The lengths of the texts of a version, by id − first. */
export interface VersionTexts {
  readonly first: number;
  readonly last: number;
  /** In tokens, all columns together; NaN where no text of the version is. */
  readonly lengths: Float64Array;
  /** 1 where the text only gives structure. */
  readonly structural: Uint8Array;
}

/** Ids and lengths in one value each, in the same order: a row each costs more than what it holds. */
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

/** Ids that are wider apart than this are not worth an array from the first to the last. */
const WIDEST = 8_000_000;

/** Null for a version without texts; undefined when its ids are too far apart. */
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
  if (last - first >= WIDEST) return undefined;
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
