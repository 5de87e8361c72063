import { decodeRows, type RowDecoding, type SqlRow } from '@switchyard/sqlite-common';

/** Results of pragmas are texts of the engine, such as `wal`, never stored ones. */
const PRAGMA = /^\s*PRAGMA\b/i;

/**
 * Converts rows of the binding to those of {@link SqliteDriver}.
 *
 * @throws TypeError for a statement that returns text as text. On bytes that are not UTF-8, the binding would end the
 * process, and a server would abort its answer: select text with `text()` or `textOf()` of sqlite-common.
 */
export function toRows(sql: string, rows: readonly unknown[], decoding: RowDecoding): SqlRow[] {
  if (!PRAGMA.test(sql)) for (const row of rows) requireNoText(sql, row as Record<string, unknown>);
  return decodeRows(rows, decoding);
}

function requireNoText(sql: string, row: Record<string, unknown>): void {
  for (const column in row) {
    if (typeof row[column] !== 'string') continue;
    throw new TypeError(
      `The column ${column} is returned as text: select it with text() or textOf(): ${sql}`,
    );
  }
}
