import { ByteReader, UnknownFormat } from './varint.js';

/** Segment of the index: pages of sorted terms, written at once. */
export interface Segment {
  readonly id: number;
  readonly firstPage: number;
  readonly lastPage: number;
}

/** Number of texts, and their total length in tokens. */
export interface Averages {
  readonly rows: number;
  readonly tokens: number;
}

/** Marker of the second format of the structure record, in the place of the number of levels. */
const SECOND_FORM = [0xff, 0x00, 0x00, 0x01];

/** Returns the segments of the index, newest first: entries of a newer one replace those of an older one. */
export function readStructure(block: Uint8Array): Segment[] {
  const reader = new ByteReader(block);
  reader.skip(4); // change counter of the configuration
  const isSecondForm = SECOND_FORM.every((byte, index) => block[4 + index] === byte);
  if (isSecondForm) throw new UnknownFormat('segments with tombstones');
  const levels = reader.varint();
  reader.varint(); // number of segments
  reader.varint(); // pages written so far
  const segments: Segment[] = [];
  for (let level = 0; level < levels; level++) {
    reader.varint(); // number of segments being merged
    const count = reader.varint();
    const ofLevel: Segment[] = [];
    for (let index = 0; index < count; index++) {
      ofLevel.push({ id: reader.varint(), firstPage: reader.varint(), lastPage: reader.varint() });
    }
    segments.push(...ofLevel.reverse());
  }
  return segments;
}

/** Reads the averages record. */
export function readAverages(block: Uint8Array, columns: number): Averages {
  if (block.length === 0) return { rows: 0, tokens: 0 }; // before the first text
  const reader = new ByteReader(block);
  const rows = reader.varint();
  let tokens = 0;
  for (let column = 0; column < columns; column++) tokens += reader.varint();
  return { rows, tokens };
}
