/** Reads bytes in the format of FTS5. @throws UnknownFormat for anything else. */
export class ByteReader {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  /** Reads a varint of SQLite: seven bits per byte, high ones first; eight in a ninth byte. */
  varint(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    let value = first & 0x7f;
    for (let count = 2; count < 9; count++) {
      const byte = this.#byte();
      value = value * 128 + (byte & 0x7f);
      if (byte < 0x80) return safe(value);
    }
    return safe(value * 256 + this.#byte());
  }

  skip(count: number): void {
    this.at += count;
    if (this.at > this.bytes.length) throw new UnknownFormat('a value goes beyond its block');
  }

  #byte(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw new UnknownFormat('a block ends inside a number');
    this.at += 1;
    return byte;
  }
}

/** The index has an unknown format. Never reaches a caller: the engine searches instead. */
export class UnknownFormat extends Error {
  override readonly name = 'UnknownFormat';
}

function safe(value: number): number {
  if (!Number.isSafeInteger(value)) throw new UnknownFormat('a number is beyond 2^53');
  return value;
}
