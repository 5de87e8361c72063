import { HEADER_BYTES, type Leaf } from './leaf.js';
import { Postings } from './postings.js';
import { ByteReader, UnknownFormat } from './varint.js';

/** Where the list of texts of a term begins. */
export interface DoclistStart {
  readonly leaf: Leaf;
  readonly at: number;
  /** Offset of the next term of the page; null when the list may go on, on the pages that follow. */
  readonly nextTerm: number | null;
}

/** The bytes of a list, with the pages put together. */
interface Doclist {
  readonly bytes: Uint8Array;
  /** Where ids stand that are written whole and not as the difference from the one before: the first of each page. */
  readonly wholeIds: readonly number[];
}

/**
 * Reads the list of a term within one segment: for each text its id, the number of bytes of its positions with a bit for
 * deletion, and the positions. A text that was deleted stands there without positions.
 *
 * @param next The pages that follow, in order; null after the last one.
 */
export function readDoclist(start: DoclistStart, next: () => Leaf | null): Postings {
  const { bytes, wholeIds } = putTogether(start, next);
  const reader = new ByteReader(bytes);
  const most = bytes.length >>> 1; // two bytes are the least that a text takes
  const ids = new Float64Array(most);
  const starts = new Uint32Array(most);
  const ends = new Uint32Array(most);
  let count = 0;
  let id = 0;
  let page = 0;
  while (reader.at < bytes.length) {
    const isWhole = reader.at === wholeIds[page];
    if (isWhole) page += 1;
    const before = id;
    id = isWhole ? reader.varint() : id + reader.varint();
    if (id <= before) throw new UnknownFormat('texts out of order');
    const size = reader.varint();
    ids[count] = id;
    starts[count] = reader.at;
    reader.skip(Math.floor(size / 2));
    ends[count] = reader.at;
    count += 1;
  }
  return new Postings({
    ids: ids.slice(0, count),
    starts: starts.slice(0, count),
    ends: ends.slice(0, count),
    bytes,
  });
}

/** A list goes on from page to page, wherever one ends: what stands before the first term of a page belongs to it. */
function putTogether({ leaf, at, nextTerm }: DoclistStart, next: () => Leaf | null): Doclist {
  const parts = [leaf.bytes.subarray(at, nextTerm ?? leaf.end)];
  let length = (nextTerm ?? leaf.end) - at;
  const wholeIds = length > 0 ? [0] : [];
  let page = nextTerm === null ? next() : null;
  while (page !== null) {
    const end = page.firstTerm();
    if (page.firstId !== 0 && page.firstId < end) wholeIds.push(length + page.firstId - HEADER_BYTES);
    parts.push(page.bytes.subarray(HEADER_BYTES, end));
    length += end - HEADER_BYTES;
    page = end < page.end ? null : next();
  }
  return { bytes: Buffer.concat(parts, length), wholeIds };
}
