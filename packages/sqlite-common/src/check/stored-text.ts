import { isUtf8 } from 'node:buffer';
import { type DamageList, lastKey } from '@switchyard/storage-core/backend';
import { CATALOG_TEXTS } from '../catalog/catalog-texts.js';
import type { SqliteDriver, SqlRow } from '../driver.js';
import { text } from '../rows/text-columns.js';

/** Rows whose sizes are read per statement. */
const ROWS_AT_ONCE = 500;
/** Bytes of text read per statement; servers reject responses of more than 10 MB. */
const BYTES_AT_ONCE = 1_000_000;

const COLUMNS = `
  SELECT ${text('columns.name')} FROM pragma_table_info(?1) AS columns`;

const label: Readonly<Record<string, string>> = {
  libraries: 'library',
  versions: 'version',
  pages: 'page',
  documents: 'chunk',
};

/**
 * Adds every text that is not UTF-8. Reads texts as bytes, because some drivers abort on ill-formed text. Yields
 * between reads.
 */
export function* checkTexts(driver: SqliteDriver, list: DamageList): Generator<void, void> {
  for (const [table, wanted] of Object.entries(CATALOG_TEXTS)) {
    const there = new Set(driver.all<{ name: string }>(COLUMNS, [table]).map(({ name }) => name));
    const columns = wanted.filter((column) => there.has(column));
    if (columns.length === 0) continue;
    for (const { first, last } of ranges(driver, table, columns)) {
      for (const row of driver.all<SqlRow>(rowsBetween(table, columns), [first, last])) {
        for (const column of columns) check(list, table, column, row);
      }
      yield;
    }
  }
}

function check(list: DamageList, table: string, column: string, row: SqlRow): void {
  const value = row[column];
  if (!(value instanceof Uint8Array) || isUtf8(value)) return;
  list.add({
    code: 'text',
    detail: `${table}.${column} holds bytes that are not UTF-8.`,
    example: `${label[table]} ${String(row.id)}`,
    advice:
      'The text itself is damaged: index its version again (`switchyard index … --force`), or restore a backup.',
  });
}

/** Ranges of ids with about {@link BYTES_AT_ONCE} of text each. */
function* ranges(
  driver: SqliteDriver,
  table: string,
  columns: readonly string[],
): Generator<{ first: number; last: number }> {
  const size = columns.map((column) => `coalesce(octet_length(${column}), 0)`).join(' + ');
  const sizes = `SELECT id, ${size} AS bytes FROM ${table} WHERE id > ?1 ORDER BY id LIMIT ${ROWS_AT_ONCE}`;
  for (let after = Number.MIN_SAFE_INTEGER; ; ) {
    const rows = driver.all<{ id: number; bytes: number }>(sizes, [after]);
    const last = lastKey(
      rows.map(({ id }) => id),
      after,
      table,
    );
    let first: number | null = null;
    let bytes = 0;
    for (const [index, row] of rows.entries()) {
      first ??= row.id;
      bytes += row.bytes;
      const next = rows[index + 1];
      if (next !== undefined && bytes + next.bytes <= BYTES_AT_ONCE) continue;
      yield { first, last: row.id };
      first = null;
      bytes = 0;
    }
    if (last === null) return;
    after = last;
  }
}

function rowsBetween(table: string, columns: readonly string[]): string {
  const selected = columns.map((column) => `CAST(${column} AS BLOB) AS ${column}`).join(', ');
  return `SELECT id, ${selected} FROM ${table} WHERE id BETWEEN ?1 AND ?2 ORDER BY id`;
}
