import { ByteReader, UnknownFormat } from './varint.js';

export const HEADER_BYTES = 4;

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
    const { bytes } = this;
    const offsets = new ByteReader(bytes, this.end);
    const reader = new ByteReader(bytes);
    let offset = 0;
    // How many bytes the term of the page so far has in common with the one looked for, beyond which it is smaller.
    let common = 0;
    for (let isFirst = true; offsets.at < bytes.length; isFirst = false) {
      offset += offsets.varint();
      reader.at = offset;
      const kept = isFirst ? 0 : reader.varint();
      const added = reader.varint();
      const start = reader.at;
      reader.skip(added);
      // It shares with the one before it what the one looked for does not: still smaller. Or less: already larger.
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
