import { ByteReader, ByteWriter, UnknownFormat } from './varint.js';

/** How much a word counts in each column, in the order of the columns. */
export type ColumnWeights = readonly number[];

/** In which texts a term stands, and where: ids ascending, each with the positions as FTS5 writes them. */
export class Postings {
  readonly ids: Float64Array;
  /** Where the positions of each text begin in the bytes, and one more where the last ones end. */
  readonly starts: Uint32Array;
  readonly bytes: Uint8Array;
  #frequencies: { readonly weights: ColumnWeights; readonly values: Float64Array } | null = null;

  constructor(ids: Float64Array, starts: Uint32Array, bytes: Uint8Array) {
    this.ids = ids;
    this.starts = starts;
    this.bytes = bytes;
  }

  get count(): number {
    return this.ids.length;
  }

  /** Memory it takes, in bytes, the frequencies included. */
  get size(): number {
    return this.ids.byteLength * 2 + this.starts.byteLength + this.bytes.byteLength + 200;
  }

  /** How often the term stands in each text, each time by the weight of its column. */
  frequencies(weights: ColumnWeights): Float64Array {
    if (this.#frequencies?.weights.every((weight, column) => weight === weights[column]) !== true) {
      const values = new Float64Array(this.count);
      for (let index = 0; index < this.count; index++) values[index] = this.#frequency(index, weights);
      this.#frequencies = { weights, values };
    }
    return this.#frequencies.values;
  }

  /** Where the term stands in one text: column × 2^32 + token. */
  places(index: number): number[] {
    const reader = new ByteReader(this.bytes, this.starts[index]);
    const end = this.starts[index + 1] as number;
    const places: number[] = [];
    let place = 0;
    while (reader.at < end) {
      const number = reader.varint();
      if (number === NEXT_COLUMN) {
        place = reader.varint() * COLUMN;
      } else {
        place += number - DIFFERENCE;
        places.push(place);
      }
    }
    return places;
  }

  #frequency(index: number, weights: ColumnWeights): number {
    const { bytes } = this;
    const end = this.starts[index + 1] as number;
    let at = this.starts[index] as number;
    let weight = weights[0] as number;
    let sum = 0;
    while (at < end) {
      if (bytes[at] === NEXT_COLUMN) {
        const next = weights[bytes[at + 1] as number];
        if (next === undefined) throw new UnknownFormat('a column that the table has not');
        weight = next;
        at += 2;
        continue;
      }
      while ((bytes[at] as number) >= 0x80) at += 1; // only the number of positions counts here
      at += 1;
      sum += weight;
    }
    return sum;
  }
}

/** Collects postings in the order of their ids. */
export class PostingsBuilder {
  #ids = new Float64Array(16);
  #starts = new Uint32Array(17);
  readonly #positions = new ByteWriter();
  #count = 0;

  begin(id: number): void {
    if (this.#count > 0 && id <= (this.#ids[this.#count - 1] as number))
      throw new UnknownFormat('texts out of order');
    if (this.#count === this.#ids.length) this.#grow();
    this.#ids[this.#count] = id;
    this.#starts[this.#count] = this.#positions.length;
    this.#count += 1;
  }

  positions(bytes: Uint8Array, from: number, to: number): void {
    this.#positions.append(bytes, from, to);
  }

  /** The same from places: column × 2^32 + token, ascending. */
  places(places: readonly number[]): void {
    let column = 0;
    let before = 0;
    for (const place of places) {
      const own = Math.floor(place / COLUMN);
      if (own !== column) {
        this.#positions.varint(NEXT_COLUMN);
        this.#positions.varint(own);
        column = own;
        before = own * COLUMN;
      }
      this.#positions.varint(place - before + DIFFERENCE);
      before = place;
    }
  }

  finish(): Postings {
    this.#starts[this.#count] = this.#positions.length;
    return new Postings(
      this.#ids.slice(0, this.#count),
      this.#starts.slice(0, this.#count + 1),
      this.#positions.toBytes(),
    );
  }

  #grow(): void {
    const ids = new Float64Array(this.#ids.length * 2);
    const starts = new Uint32Array(ids.length + 1);
    ids.set(this.#ids);
    starts.set(this.#starts);
    this.#ids = ids;
    this.#starts = starts;
  }
}

/**
 * Puts together what the segments say of a term, newest first: of one text the newest one counts, and a text without
 * positions is not in the result.
 */
export function mergePostings(newestFirst: readonly Postings[]): Postings {
  const [only] = newestFirst;
  if (only !== undefined && newestFirst.length === 1 && !hasDeleted(only)) return only;
  const builder = new PostingsBuilder();
  const at = newestFirst.map(() => 0);
  for (;;) {
    let id = Number.POSITIVE_INFINITY;
    let newest = -1;
    for (let index = 0; index < newestFirst.length; index++) {
      const next = newestFirst[index]?.ids[at[index] as number];
      if (next !== undefined && next < id) {
        id = next;
        newest = index;
      }
    }
    const source = newestFirst[newest];
    if (source === undefined) return builder.finish();
    const place = at[newest] as number;
    const from = source.starts[place] as number;
    const to = source.starts[place + 1] as number;
    if (to > from) {
      builder.begin(id);
      builder.positions(source.bytes, from, to);
    }
    for (let index = newest; index < newestFirst.length; index++) {
      if (newestFirst[index]?.ids[at[index] as number] === id) at[index] = (at[index] as number) + 1;
    }
  }
}

/** Says in a list of positions that the column comes next. */
const NEXT_COLUMN = 1;
/** Added to each difference of positions. */
const DIFFERENCE = 2;
const COLUMN = 2 ** 32;

function hasDeleted({ starts }: Postings): boolean {
  for (let index = 1; index < starts.length; index++) if (starts[index] === starts[index - 1]) return true;
  return false;
}
