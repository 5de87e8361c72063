import { textOf } from '@switchyard/sqlite-common';
import { isStorageError, type ReplacePage, type StorageError } from '@switchyard/storage-core';
import type { MutationResults } from '@switchyard/storage-core/backend';
import type { RemoteDriver } from '../driver/remote-driver.js';
import { type PackLimits, packPages } from './pack-pages.js';

/** Options of {@link writePages}. */
export interface PageWriteOptions {
  /** Time of the write, in the format of CURRENT_TIMESTAMP. */
  readonly now: string;
  /** Dimension of the store; undefined without a profile. The statement checks it again. */
  readonly dimension: number | undefined;
  /** Model of the vectors, which the statement compares with that of the store; null to skip the comparison. */
  readonly model: string | null;
  readonly limits: PackLimits;
}

interface ResultRow {
  /** JSON: for each page its number, version id, page id, replaced chunks; the row −1 has the base of the chunk ids. */
  readonly result: string;
}

/**
 * Writes pages with their chunks, full-text entries and vectors by one statement. See schema/page-writes.sql.ts.
 *
 * @returns Null if that is not possible or the store refuses it. Nothing was written then, and writing them one by one
 * either succeeds or reports the reason.
 */
export function writePages(
  driver: RemoteDriver,
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
 * Error when sqld aborts its answer, as it does to a statement with RETURNING and a read-only token. A write that changes
 * nothing, over its other interface, then gets the actual refusal.
 */
const ABORTED_ANSWER = /unexpected EOF|reading a body/i;

/**
 * Returns the refusal of the token that made the server abort its answer; null if it was something else. Any other failure
 * of the probe does not concern the write before it.
 */
function readOnlyRefusal(driver: RemoteDriver, error: unknown): StorageError | null {
  if (!isStorageError(error, 'STORAGE_UNREACHABLE') || !ABORTED_ANSWER.test(error.message)) return null;
  try {
    driver.exec(NO_CHANGE);
    return null;
  } catch (answer) {
    if (!isStorageError(answer) || answer.details?.reason !== 'read-only-token') return null;
    driver.retractWrite();
    return answer;
  }
}

const NO_CHANGE = `
  DELETE FROM written_pages WHERE 0`;

/** Returns the statement for a number of parts. It writes nothing to a store of another model. */
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

/** Returns true for a refusal by the trigger, a constraint violation, or a missing schema. */
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
