import type { SqlRow, SqlValue } from '@switchyard/sqlite-common';

/** A row as the binding gives it, with integers as bigints and blobs as ArrayBuffers. */
type RawRow = Record<string, SqlValue | ArrayBuffer>;

/** Rows as the driver promises them. They are changed in place: they belong to nobody else. */
export function toRows(rows: readonly unknown[]): SqlRow[] {
  for (const row of rows as readonly RawRow[]) {
    for (const column in row) {
      const value = row[column];
      if (typeof value === 'bigint') row[column] = toNumber(value);
      else if (value instanceof ArrayBuffer) row[column] = new Uint8Array(value);
    }
  }
  return rows as SqlRow[];
}

function toNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
