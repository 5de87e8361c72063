import { decodeRows, type RowDecoding, type SqlRow } from '@switchyard/sqlite-common';

/** Its results are the engine's own words, such as `wal`, and never what is stored. */
const PRAGMA = /^\s*PRAGMA\b/i;

/**
 * Rows as the driver promises them.
 *
 * @throws TypeError for a statement that returns text as text. On bytes that are not UTF-8, the binding would end the
 * process, and a server would break off: text is selected with `text()` or `textOf()` of sqlite-common.
 */
export function toRows(sql: string, rows: readonly unknown[], decoding: RowDecoding): SqlRow[] {
  if (!PRAGMA.test(sql)) for (const row of rows) requireNoText(sql, row as Record<string, unknown>);
  return decodeRows(rows, decoding);
}

function requireNoText(sql: string, row: Record<string, unknown>): void {
  for (const column in row) {
    if (typeof row[column] !== 'string') continue;
    throw new TypeError(`The column ${column} comes as text and not by text() or textOf(): ${sql}`);
  }
}
