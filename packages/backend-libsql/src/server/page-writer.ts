import { type SqliteDriver, textOf } from '@switchyard/sqlite-common';
import { isStorageError, type ReplacePage, type StorageError } from '@switchyard/storage-core';
import type { MutationResults } from '@switchyard/storage-core/backend';
import { RemoteDriver } from '../driver/remote-driver.js';
import { type PackLimits, packPages } from './pack-pages.js';

/** How pages are written to a server. */
export interface PageWriteOptions {
  /** The moment of the write, as SQL's CURRENT_TIMESTAMP writes it. */
  readonly now: string;
  /** The dimension of the store's vectors; undefined without profile. Checked again by the statement. */
  readonly dimension: number | undefined;
  /** The model the vectors are of, which the statement compares with the store's; null to write them without asking. */
  readonly model: string | null;
  readonly limits: PackLimits;
}

interface ResultRow {
  /** JSON: for each page the number, version id, page id, chunks replaced; −1 for the base of the chunk ids. */
  readonly result: string;
}

/**
 * Writes pages with their chunks, words and vectors by one statement. See schema/page-writes.sql.ts.
 *
 * @returns Null when it cannot be done so, or when the store refuses it: nothing was written then, and writing them one
 * by one either succeeds or tells why not.
 */
export function writePages(
  driver: SqliteDriver,
  pages: readonly ReplacePage[],
  { now, dimension, model, limits }: PageWriteOptions,
): MutationResults['replacePage'][] | null {
  const packed = packPages(pages, { now, vectorBytes: 4 * (dimension ?? 0) }, limits);
  if (packed === null) return null;
  const { parts } = packed;
  const statement =
    dimension === undefined
      ? insertStatement('page_writes', parts.length)
      : insertStatement('vector_page_writes', parts.length);
  let rows: ResultRow[];
  try {
    rows = driver.all<ResultRow>(statement, [...parts.flat(), model]);
  } catch (error) {
    if (isRefusal(error)) return null;
    throw readOnlyRefusal(driver, error) ?? error;
  }
  const result = rows.at(-1)?.result;
  return result === undefined ? null : readResults(result, pages);
}

/**
 * How sqld answers a statement with RETURNING when the token is for reading only: it breaks off. Asked for a write that
 * changes nothing, over its other interface, it says so.
 */
const BREAKS_OFF = /unexpected EOF|reading a body/i;

/**
 * The refusal of the token that made the server break off; null where that was not it. Any other failure of the
 * question says nothing of the write before it.
 */
function readOnlyRefusal(driver: SqliteDriver, error: unknown): StorageError | null {
  if (!isStorageError(error, 'STORAGE_UNREACHABLE') || !BREAKS_OFF.test(error.message)) return null;
  try {
    driver.exec(NO_CHANGE);
    return null;
  } catch (answer) {
    if (!isStorageError(answer) || answer.details?.reason !== 'read-only-token') return null;
    if (driver instanceof RemoteDriver) driver.retractWrite();
    return answer;
  }
}

const NO_CHANGE = `
  DELETE FROM written_pages WHERE 0`;

/** By the number of parts; each text is prepared once. Nothing is written when the store is of another model. */
function insertStatement(view: 'page_writes' | 'vector_page_writes', parts: number): string {
  const row = '(?, ?, ?, ?, ?, ?)';
  return `
  INSERT INTO ${view} (part, now, pages, chunks, vectors, bytes)
  SELECT column1, column2, column3, column4, column5, column6
  FROM (VALUES ${Array(parts).fill(row).join(', ')})
  WHERE NOT EXISTS (
    SELECT 1
    FROM switchyard_meta
    WHERE switchyard_meta.key = 'embedding_model' AND switchyard_meta.value <> ?
  )
  RETURNING ${textOf(
    '(SELECT json_group_array(json_array(position, version_id, page_id, chunks_replaced)) FROM written_pages)',
    'result',
    'written_pages.page_id',
  )}`;
}

/** What the trigger refused, a constraint, or a schema that is not there (any more). */
function isRefusal(error: unknown): boolean {
  if (isStorageError(error, 'STORAGE_CONSTRAINT')) return true;
  return error instanceof Error && /switchyard: |no such (?:table|view)/i.test(error.message);
}

function readResults(json: string, pages: readonly ReplacePage[]): MutationResults['replacePage'][] {
  const rows = JSON.parse(json) as [position: number, versionId: number, pageId: number, replaced: number][];
  const byPosition = new Map(rows.map((row) => [row[0], row]));
  const base = byPosition.get(-1)?.[2] ?? 0;
  let ordinal = 0;
  return pages.map(({ chunks }, position) => {
    const [, versionId, pageId, chunksReplaced] = byPosition.get(position) ?? [position, 0, 0, 0];
    const chunkIds = chunks.map((chunk) => {
      ordinal += 1;
      return chunk.id ?? base + ordinal;
    });
    return { versionId, pageId, chunkIds, chunksReplaced };
  });
}
