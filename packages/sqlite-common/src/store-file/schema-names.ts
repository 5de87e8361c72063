import { openPages, type PageSource } from './page-source.js';

/**
 * The names of the tables in a database file, read from its bytes without SQLite: opening a file with SQLite already
 * changes it (a log left by a killed process is written back, `-wal` and `-shm` appear), and a file that is going to be
 * refused must stay as it is.
 *
 * @returns undefined when the bytes make no sense, as while another process is writing them.
 */
export function readTableNames(path: string): string[] | undefined {
  const pages = openPages(path);
  try {
    const names: string[] = [];
    return visit(pages, 1, new Set(), names) ? names : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  } finally {
    pages.close();
  }
}

const INTERIOR = 5;
const LEAF = 13;

/** Walks the b-tree of sqlite_master. Format: https://www.sqlite.org/fileformat2.html, sections 1.6 and 2.1. */
function visit(pages: PageSource, number: number, seen: Set<number>, names: string[]): boolean {
  const page = pages.page(number);
  if (page === undefined || seen.has(number)) return false;
  seen.add(number);
  const header = number === 1 ? 100 : 0;
  const type = page.readUInt8(header);
  if (type !== INTERIOR && type !== LEAF) return false;
  const cells = page.readUInt16BE(header + 3);
  const pointers = header + (type === INTERIOR ? 12 : 8);
  for (let cell = 0; cell < cells; cell++) {
    const at = page.readUInt16BE(pointers + 2 * cell);
    if (type === LEAF) {
      const name = tableName(page, at);
      if (name !== undefined) names.push(name);
    } else if (!visit(pages, page.readUInt32BE(at), seen, names)) {
      return false;
    }
  }
  return type === LEAF || visit(pages, page.readUInt32BE(header + 8), seen, names);
}

/** The name in a row of sqlite_master, which begins with type and name; undefined when it is no table. */
function tableName(page: Buffer, cell: number): string | undefined {
  const [, afterLength] = varint(page, cell);
  const [, record] = varint(page, afterLength);
  const [headerBytes, afterHeader] = varint(page, record);
  const [typeSerial, afterType] = varint(page, afterHeader);
  const [nameSerial] = varint(page, afterType);
  const typeStart = record + headerBytes;
  const nameStart = typeStart + textBytes(typeSerial);
  const kind = page.toString('utf8', typeStart, nameStart);
  return kind === 'table' ? page.toString('utf8', nameStart, nameStart + textBytes(nameSerial)) : undefined;
}

function textBytes(serialType: number): number {
  return serialType >= 13 && serialType % 2 === 1 ? (serialType - 13) / 2 : 0;
}

/** A variable-length integer and the offset behind it. */
function varint(page: Buffer, offset: number): [number, number] {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = page.readUInt8(offset + i);
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return [value, offset + i + 1];
  }
  return [value * 256 + page.readUInt8(offset + 8), offset + 9];
}
