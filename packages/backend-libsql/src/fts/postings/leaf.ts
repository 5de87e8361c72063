import { ByteReader, UnknownFormat } from './varint.js';

export const HEADER_BYTES = 4;

/** Page of a segment: four bytes of header, then terms and their doclists, then the offsets of the terms. */
export class Leaf {
  readonly bytes: Uint8Array;
  /** Offset of the first text id on the page; 0 without one. It is stored absolutely, the others as differences. */
  readonly firstId: number;
  /** Offset at which the content ends and the term offsets begin. */
  readonly end: number;

  constructor(bytes: Uint8Array) {
    if (bytes.length < HEADER_BYTES) throw new UnknownFormat('a page without header');
    this.bytes = bytes;
    this.firstId = ((bytes[0] as number) << 8) | (bytes[1] as number);
    this.end = ((bytes[2] as number) << 8) | (bytes[3] as number);
    if (this.end > bytes.length) throw new UnknownFormat('a page that is shorter than it says');
  }

  /** Returns the offset of the first term that begins on the page; the end of the content without one. */
  firstTerm(): number {
    return this.end === this.bytes.length ? this.end : new ByteReader(this.bytes, this.end).varint();
  }

  /** Returns the offsets of the doclist of a term and of the next term on this page; null if the term is not here. */
  find(term: Uint8Array): { readonly at: number; readonly nextTerm: number | null } | null {
    const { bytes } = this;
    const offsets = new ByteReader(bytes, this.end);
    const reader = new ByteReader(bytes);
    let offset = 0;
    // Length of the common prefix of the wanted term and the last term of the page, which is smaller.
    let common = 0;
    for (let isFirst = true; offsets.at < bytes.length; isFirst = false) {
      offset += offsets.varint();
      reader.at = offset;
      const kept = isFirst ? 0 : reader.varint();
      const added = reader.varint();
      const start = reader.at;
      reader.skip(added);
      // A longer prefix shared with the previous term: still smaller. A shorter one: already larger.
      if (kept > common) continue;
      if (kept < common) return null;
      while (common < term.length && common - kept < added && bytes[start + common - kept] === term[common]) {
        common += 1;
      }
      if (common - kept === added) {
        if (common < term.length) continue;
        const nextTerm = offsets.at < bytes.length ? offset + offsets.varint() : null;
        return { at: reader.at, nextTerm };
      }
      if (common === term.length || (bytes[start + common - kept] as number) > (term[common] as number))
        return null;
    }
    return null;
  }
}
