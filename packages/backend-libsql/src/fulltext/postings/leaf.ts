import { ByteReader, UnknownFormat } from './varint.js';

/**
 * A page of a segment: four bytes of header, then terms and their lists of texts, then the offsets of the terms.
 */
export class Leaf {
  readonly bytes: Uint8Array;
  /** Offset of the first text id on the page; 0 without one. It is written whole, the others as differences. */
  readonly firstId: number;
  /** Where the content ends and the offsets begin. */
  readonly end: number;

  constructor(bytes: Uint8Array) {
    if (bytes.length < HEADER_BYTES) throw new UnknownFormat('a page without header');
    this.bytes = bytes;
    this.firstId = ((bytes[0] as number) << 8) | (bytes[1] as number);
    this.end = ((bytes[2] as number) << 8) | (bytes[3] as number);
    if (this.end > bytes.length) throw new UnknownFormat('a page that is shorter than it says');
  }

  /** Offset of the first term that begins on the page; the end of the content without one. */
  firstTerm(): number {
    return this.end === this.bytes.length ? this.end : new ByteReader(this.bytes, this.end).varint();
  }

  /** Where the list of a term begins, and where on this page the next term does; null when the term is not here. */
  find(term: Uint8Array): { readonly at: number; readonly nextTerm: number | null } | null {
    const offsets = new ByteReader(this.bytes, this.end);
    let offset = 0;
    let current = new Uint8Array(term.length);
    let isFirst = true;
    while (offsets.at < this.bytes.length) {
      offset += offsets.varint();
      const reader = new ByteReader(this.bytes, offset);
      const kept = isFirst ? 0 : reader.varint();
      const added = reader.varint();
      isFirst = false;
      if (kept + added > current.length) {
        const longer = new Uint8Array((kept + added) * 2);
        longer.set(current);
        current = longer;
      }
      for (let i = 0; i < added; i++) current[kept + i] = this.bytes[reader.at + i] as number;
      reader.skip(added);
      if (kept + added !== term.length || !startsWith(current, term)) continue;
      const nextTerm = offsets.at < this.bytes.length ? offset + offsets.varint() : null;
      return { at: reader.at, nextTerm };
    }
    return null;
  }
}

export const HEADER_BYTES = 4;

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  for (let i = start.length - 1; i >= 0; i--) if (bytes[i] !== start[i]) return false;
  return true;
}
