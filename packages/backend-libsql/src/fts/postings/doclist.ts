import { HEADER_BYTES, type Leaf } from './leaf.js';
import { Postings } from './postings.js';
import { ByteReader, UnknownFormat } from './varint.js';

/** Start of the doclist of a term. */
export interface DoclistStart {
  readonly leaf: Leaf;
  readonly at: number;
  /** Offset of the next term on the page; null if the list may continue on the following pages. */
  readonly nextTerm: number | null;
}

/** Bytes of a doclist, concatenated from its pages. */
interface Doclist {
  readonly bytes: Uint8Array;
  /** Offsets of ids that are stored absolutely, not as a difference from the previous one: the first of each page. */
  readonly wholeIds: readonly number[];
}

/**
 * Reads the doclist of a term in one segment: for each text its id, the size of its positions with a deletion bit, and the
 * positions. A deleted text has no positions.
 *
 * @param next returns the following pages, in order; null after the last one
 */
export function readDoclist(start: DoclistStart, next: () => Leaf | null): Postings {
  const { bytes, wholeIds } = putTogether(start, next);
  const reader = new ByteReader(bytes);
  const most = bytes.length >>> 1; // a text takes at least two bytes
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

/** Concatenates a doclist that continues on the following pages, up to the first term of the last one. */
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
