/** Reads bytes as FTS5 writes them. What does not fit the format ends in {@link UnknownFormat}. */
export class ByteReader {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  /** A varint of SQLite: seven bits a byte, high ones first; a ninth byte counts whole. */
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

/** The index is not written as it is known here. Never reaches a caller: the engine answers instead. */
export class UnknownFormat extends Error {
  override readonly name = 'UnknownFormat';
}

/** Appends numbers and bytes to a buffer that grows. */
export class ByteWriter {
  #bytes = new Uint8Array(256);
  length = 0;

  append(bytes: Uint8Array, from: number, to: number): void {
    this.#reserve(to - from);
    // A loop is quicker than set() for the few bytes that most lists of positions have.
    if (to - from < 32) for (let i = from; i < to; i++) this.#bytes[this.length++] = bytes[i] as number;
    else {
      this.#bytes.set(bytes.subarray(from, to), this.length);
      this.length += to - from;
    }
  }

  /** A varint of a number below 2^49. */
  varint(value: number): void {
    this.#reserve(8);
    let size = 1;
    for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) size += 1;
    for (let left = size - 1; left >= 0; left--) {
      const seven = Math.floor(value / 128 ** left) % 128;
      this.#bytes[this.length++] = left > 0 ? seven | 0x80 : seven;
    }
  }

  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.length);
  }

  #reserve(count: number): void {
    if (this.length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.length + count));
    larger.set(this.#bytes.subarray(0, this.length));
    this.#bytes = larger;
  }
}

function safe(value: number): number {
  if (!Number.isSafeInteger(value)) throw new UnknownFormat('a number is beyond 2^53');
  return value;
}
