import { ByteReader, UnknownFormat } from './varint.js';

/** Part of the index: pages of sorted terms, written in one go. */
export interface Segment {
  readonly id: number;
  readonly firstPage: number;
  readonly lastPage: number;
}

/** How many texts there are and how long they are together, in tokens. */
export interface Averages {
  readonly rows: number;
  readonly tokens: number;
}

/** Marks the second form of the structure record, in the place of the number of levels. */
const SECOND_FORM = [0xff, 0x00, 0x00, 0x01];

/** The segments of the index, newest first: what a newer one says of a text replaces what an older one says. */
export function readStructure(block: Uint8Array): Segment[] {
  const reader = new ByteReader(block);
  reader.skip(4); // counts the changes of the configuration
  const isSecondForm = SECOND_FORM.every((byte, index) => block[4 + index] === byte);
  if (isSecondForm) throw new UnknownFormat('segments with tombstones');
  const levels = reader.varint();
  reader.varint(); // number of segments
  reader.varint(); // pages written so far
  const segments: Segment[] = [];
  for (let level = 0; level < levels; level++) {
    reader.varint(); // how many are being merged
    const count = reader.varint();
    const ofLevel: Segment[] = [];
    for (let index = 0; index < count; index++) {
      ofLevel.push({ id: reader.varint(), firstPage: reader.varint(), lastPage: reader.varint() });
    }
    segments.push(...ofLevel.reverse());
  }
  return segments;
}

export function readAverages(block: Uint8Array, columns: number): Averages {
  if (block.length === 0) return { rows: 0, tokens: 0 }; // before the first text
  const reader = new ByteReader(block);
  const rows = reader.varint();
  let tokens = 0;
  for (let column = 0; column < columns; column++) tokens += reader.varint();
  return { rows, tokens };
}
