import { StorageError } from '@switchyard/storage-core';
import type { SqlRow, SqlValue } from '../driver.js';
import { parseTextColumn, type TextSource } from './text-columns.js';

/**
 * Handling of stored text that is not UTF-8. `refuse`: the store only ever receives UTF-8, so it is damaged
 * (`STORAGE_CORRUPT`). `replace`: each ill-formed sequence reads as U+FFFD, as the WHATWG decoder does it.
 */
export type IllFormedText = 'refuse' | 'replace';

/** Options for reading rows. */
export interface RowDecoding {
  readonly illFormedText: IllFormedText;
  /** Name of the backend, for errors. */
  readonly backend: string;
  /** Location of the store, without secrets, for errors. */
  readonly location?: string | undefined;
}

/** A row as returned by a driver: integers as bigints, blobs as ArrayBuffers or Uint8Arrays. */
type RawRow = Record<string, SqlValue | ArrayBuffer>;

/** Location of a stored text. */
export interface TextPlace {
  readonly table: string;
  readonly column: string;
  readonly row?: number | null | undefined;
}

interface TextColumn {
  readonly raw: string;
  readonly name: string;
  readonly source: TextSource;
}

// A byte order mark is part of the text.
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Converts rows from a driver to the form that {@link SqliteDriver} promises: text columns are decoded, integers become
 * numbers where that is exact, blobs become Uint8Arrays. Changes the rows in place, since nothing else uses them.
 *
 * @throws StorageError `STORAGE_CORRUPT` for ill-formed text where that is refused (naming table, row and column), and
 * for an id beyond 2^53.
 */
export function decodeRows(rows: readonly unknown[], decoding: RowDecoding): SqlRow[] {
  const raw = rows as RawRow[];
  for (const row of raw) {
    for (const column in row) {
      const value = row[column];
      if (typeof value === 'bigint') row[column] = toNumber(value, column, decoding);
      else if (value instanceof ArrayBuffer) row[column] = new Uint8Array(value);
    }
  }
  const [first] = raw;
  const columns = first === undefined ? [] : textColumns(first);
  if (columns.length === 0) return raw as SqlRow[];
  return raw.map((row) => decodeRow(row, columns, decoding));
}

function textColumns(row: RawRow): TextColumn[] {
  return Object.keys(row).flatMap((raw) => {
    const parsed = parseTextColumn(raw);
    return parsed === null ? [] : [{ raw, ...parsed }];
  });
}

function decodeRow(row: RawRow, columns: readonly TextColumn[], decoding: RowDecoding): SqlRow {
  const decoded: Record<string, SqlValue> = {};
  for (const name in row) if (!name.includes('@')) decoded[name] = row[name] as SqlValue;
  let replaced = 0;
  for (const { raw, name, source } of columns) {
    const value = row[raw] as SqlValue;
    decoded[name] = value instanceof Uint8Array ? decode(value, row, source, decoding) : value;
    if (value instanceof Uint8Array && isReplaced(decoded[name], value)) replaced += 1;
  }
  if (replaced > 0) replacedTexts.set(decoded, replaced);
  return decoded;
}

/** Number of texts with U+FFFD in place of ill-formed bytes, by the row that has any. */
const replacedTexts = new WeakMap<SqlRow, number>();

/** Number of texts of a decoded row that are not well-formed where they are stored. */
export function countReplacedTexts(row: SqlRow): number {
  return replacedTexts.get(row) ?? 0;
}

/** True if a text is not what is stored: most texts have no U+FFFD at all. */
function isReplaced(text: SqlValue | undefined, bytes: Uint8Array): boolean {
  return typeof text === 'string' && text.includes('\uFFFD') && decodeUtf8(bytes) === null;
}

function decode(bytes: Uint8Array, row: RawRow, source: TextSource, decoding: RowDecoding): string {
  if (decoding.illFormedText === 'replace') return decodeLenient(bytes);
  const text = decodeUtf8(bytes);
  if (text !== null) return text;
  const { table, column, idColumn } = source;
  const id = idColumn === null ? undefined : row[idColumn];
  throw illFormedText({ table, column, row: typeof id === 'number' ? id : null }, decoding);
}

/** Decodes text; returns null if the bytes are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return strict.decode(bytes);
  } catch {
    return null;
  }
}

/** Decodes text, replacing each ill-formed sequence by U+FFFD. */
export function decodeLenient(bytes: Uint8Array): string {
  return lenient.decode(bytes);
}

/** Error for a store with text that is not UTF-8, although only UTF-8 is written to it. */
export function illFormedText(
  { table, column, row: known = null }: TextPlace,
  { backend, location }: Omit<RowDecoding, 'illFormedText'>,
): StorageError {
  return new StorageError(
    'STORAGE_CORRUPT',
    `The text in the column ${column} of ${table}${known === null ? '' : `, row ${known}`}, is not UTF-8` +
      `${location === undefined ? '' : ` (${location})`}. The store only writes UTF-8, so its file is damaged: ` +
      'restore a backup, or index the page again.',
    { backend, details: { table, column, ...(known === null ? {} : { row: known }) } },
  );
}

/** Ids reach applications as numbers, so they must be safe integers; other values may be of any size. */
function toNumber(value: bigint, column: string, { backend, location }: RowDecoding): number | bigint {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  if (column !== 'id' && !column.endsWith('_id')) return value;
  throw new StorageError(
    'STORAGE_CORRUPT',
    `A row has the ${column} ${value}, beyond the largest supported id (2^53 − 1)` +
      `${location === undefined ? '' : ` (${location})`}. No application assigns such ids: the file is damaged or was ` +
      'edited by hand.',
    { backend, details: { column, id: String(value) } },
  );
}
