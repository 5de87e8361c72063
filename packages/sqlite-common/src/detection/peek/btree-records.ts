import type { PageSource } from './pages.js';

/** A value of a record: integers beyond 2^53 − 1 are rounded, blobs are bytes. */
export type PeekedValue = null | number | string | Uint8Array;

const INTERIOR_TABLE = 0x05;
const LEAF_TABLE = 0x0d;

/**
 * Records of a table in rowid order, without the rowids themselves. The format is described in
 * https://www.sqlite.org/fileformat2.html#b_tree_pages
 *
 * @throws RangeError if the file contradicts itself.
 */
export function* readTable(
  pages: PageSource,
  rootPage: number,
  depth = 0,
): Generator<readonly PeekedValue[]> {
  if (depth > 20) throw new RangeError('The table is deeper than a table can be.');
  const page = pages.page(rootPage);
  const start = rootPage === 1 ? 100 : 0;
  const type = page.readUInt8(start);
  const cells = page.readUInt16BE(start + 3);
  if (type === LEAF_TABLE) {
    for (let cell = 0; cell < cells; cell++) {
      yield readRecord(pages, readPayload(pages, page, page.readUInt16BE(start + 8 + 2 * cell)));
    }
  } else if (type === INTERIOR_TABLE) {
    for (let cell = 0; cell < cells; cell++) {
      yield* readTable(pages, page.readUInt32BE(page.readUInt16BE(start + 12 + 2 * cell)), depth + 1);
    }
    yield* readTable(pages, page.readUInt32BE(start + 8), depth + 1);
  } else {
    throw new RangeError(`Page ${rootPage} does not belong to a table.`);
  }
}

/** Content of a leaf cell, including its overflow pages. */
function readPayload(pages: PageSource, page: Buffer, cell: number): Buffer {
  const [size, afterSize] = readVarint(page, cell);
  const [, at] = readVarint(page, afterSize);
  const largest = pages.usableSize - 35;
  if (size <= largest) return page.subarray(at, at + size);

  const smallest = Math.floor(((pages.usableSize - 12) * 32) / 255) - 23;
  const wished = smallest + ((size - smallest) % (pages.usableSize - 4));
  const local = wished <= largest ? wished : smallest;
  const parts = [page.subarray(at, at + local)];
  let missing = size - local;
  let next = page.readUInt32BE(at + local);
  while (missing > 0) {
    const overflow = pages.page(next);
    const part = overflow.subarray(4, Math.min(pages.usableSize, 4 + missing));
    parts.push(part);
    missing -= part.length;
    next = overflow.readUInt32BE(0);
  }
  return Buffer.concat(parts);
}

function readRecord(pages: PageSource, payload: Buffer): readonly PeekedValue[] {
  const [headerSize, first] = readVarint(payload, 0);
  const values: PeekedValue[] = [];
  let body = headerSize;
  for (let at = first; at < headerSize; ) {
    const [serialType, next] = readVarint(payload, at);
    const size = sizeOf(serialType);
    values.push(readValue(pages, serialType, payload.subarray(body, body + size)));
    body += size;
    at = next;
  }
  return values;
}

const FIXED_SIZES = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0] as const;

function sizeOf(serialType: number): number {
  if (serialType >= 12) return Math.floor((serialType - 12) / 2);
  const size = FIXED_SIZES[serialType];
  if (size === undefined) throw new RangeError(`${serialType} is not a serial type.`);
  return size;
}

function readValue(pages: PageSource, serialType: number, bytes: Buffer): PeekedValue {
  if (bytes.length < sizeOf(serialType)) throw new RangeError('A record is shorter than its values.');
  if (serialType >= 12)
    return serialType % 2 === 0 ? bytes : new TextDecoder(pages.textEncoding).decode(bytes);
  switch (serialType) {
    case 0:
      return null;
    case 6:
      return Number(bytes.readBigInt64BE());
    case 7:
      return bytes.readDoubleBE();
    case 8:
      return 0;
    case 9:
      return 1;
    default:
      return bytes.readIntBE(0, bytes.length);
  }
}

/** Reads a variable-length integer and the offset after it; the largest integers are rounded. */
function readVarint(bytes: Buffer, at: number): readonly [value: number, end: number] {
  let value = 0;
  for (let length = 1; length <= 9; length++) {
    const byte = bytes.readUInt8(at + length - 1);
    if (length === 9) return [value * 256 + byte, at + 9];
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return [value, at + length];
  }
  throw new RangeError('A variable-length integer is not terminated.');
}
