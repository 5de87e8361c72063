import { ByteReader, UnknownFormat } from './varint.js';

/** Weights of the columns, in order. */
export type ColumnWeights = readonly number[];

/** Data of {@link Postings}: for each text its id, ascending, and the offsets of its positions in the bytes. */
export interface PostingsParts {
  readonly ids: Float64Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly bytes: Uint8Array;
}

/** Precedes the number of a column in a position list. */
const NEXT_COLUMN = 1;
/** Added to each difference of positions. */
const OFFSET = 2;
const COLUMN = 2 ** 32;

/** Texts that contain a term or a phrase, and its positions there. */
export class Postings {
  readonly ids: Float64Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly bytes: Uint8Array;
  #frequencies: { readonly weights: ColumnWeights; readonly values: Float64Array } | null = null;

  constructor({ ids, starts, ends, bytes }: PostingsParts) {
    this.ids = ids;
    this.starts = starts;
    this.ends = ends;
    this.bytes = bytes;
  }

  /** Number of texts. */
  get count(): number {
    return this.ids.length;
  }

  /** Size in bytes, including the frequencies. */
  get size(): number {
    return this.count * 24 + this.bytes.byteLength + 500;
  }

  /** Returns the number of occurrences in each text, weighted by column. */
  frequencies(weights: ColumnWeights): Float64Array {
    if (this.#frequencies?.weights.every((weight, column) => weight === weights[column]) !== true) {
      const values = new Float64Array(this.count);
      for (let index = 0; index < this.count; index++) values[index] = this.#frequency(index, weights);
      this.#frequencies = { weights, values };
    }
    return this.#frequencies.values;
  }

  /** Returns the places in one text: column × 2^32 + token. */
  places(index: number): number[] {
    const reader = new ByteReader(this.bytes, this.starts[index]);
    const end = this.ends[index] as number;
    const places: number[] = [];
    let place = 0;
    while (reader.at < end) {
      const number = reader.varint();
      if (number === NEXT_COLUMN) {
        place = reader.varint() * COLUMN;
      } else {
        place += number - OFFSET;
        places.push(place);
      }
    }
    return places;
  }

  #frequency(index: number, weights: ColumnWeights): number {
    const { bytes } = this;
    const end = this.ends[index] as number;
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

/**
 * Merges the postings of a term from all segments, newest first: for each text the newest entry counts, and one without
 * positions is a deletion.
 */
export function mergePostings(newestFirst: readonly Postings[]): Postings {
  const most = newestFirst.reduce((sum, { count }) => sum + count, 0);
  const ids = new Float64Array(most);
  const starts = new Uint32Array(most);
  const ends = new Uint32Array(most);
  const bases = offsets(newestFirst);
  const next = newestFirst.map(() => 0);
  let count = 0;
  for (;;) {
    const { newest, id, until } = whoIsNext(newestFirst, next);
    if (newest === null) break;
    const source = newestFirst[newest] as Postings;
    const base = bases[newest] as number;
    let at = next[newest] as number;
    // Mostly the segments hold one range of ids after the other: all up to the next one's first is taken at once.
    do {
      if ((source.ends[at] as number) > (source.starts[at] as number)) {
        ids[count] = source.ids[at] as number;
        starts[count] = base + (source.starts[at] as number);
        ends[count] = base + (source.ends[at] as number);
        count += 1;
      }
      at += 1;
    } while (at < source.count && (source.ids[at] as number) < until);
    next[newest] = at;
    for (let older = newest + 1; older < newestFirst.length; older++) {
      if (newestFirst[older]?.ids[next[older] as number] === id) next[older] = (next[older] as number) + 1;
    }
  }
  return new Postings({
    ids: ids.slice(0, count),
    starts: starts.slice(0, count),
    ends: ends.slice(0, count),
    bytes: Buffer.concat(newestFirst.map(({ bytes }) => bytes)),
  });
}

/** Returns the source with the smallest id, the newest of several, and the smallest id of the others. */
function whoIsNext(sources: readonly Postings[], next: readonly number[]) {
  let newest: number | null = null;
  let id = Number.POSITIVE_INFINITY;
  let until = Number.POSITIVE_INFINITY;
  for (let index = 0; index < sources.length; index++) {
    const candidate = sources[index]?.ids[next[index] as number] ?? Number.POSITIVE_INFINITY;
    if (candidate < id) {
      until = id;
      newest = index;
      id = candidate;
    } else if (candidate < until) {
      until = candidate;
    }
  }
  return { newest, id, until };
}

function offsets(sources: readonly Postings[]): number[] {
  let sum = 0;
  return sources.map(({ bytes }) => {
    const base = sum;
    sum += bytes.length;
    return base;
  });
}

/** Builds postings from places, in the order of ids. */
export class PostingsBuilder {
  readonly #ids: number[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #bytes: number[] = [];

  /** @param places column × 2^32 + token, ascending */
  add(id: number, places: readonly number[]): void {
    this.#ids.push(id);
    this.#starts.push(this.#bytes.length);
    let column = 0;
    let before = 0;
    for (const place of places) {
      const own = Math.floor(place / COLUMN);
      if (own !== column) {
        this.#bytes.push(NEXT_COLUMN, own);
        column = own;
        before = own * COLUMN;
      }
      this.#pushVarint(place - before + OFFSET);
      before = place;
    }
    this.#ends.push(this.#bytes.length);
  }

  finish(): Postings {
    return new Postings({
      ids: Float64Array.from(this.#ids),
      starts: Uint32Array.from(this.#starts),
      ends: Uint32Array.from(this.#ends),
      bytes: Uint8Array.from(this.#bytes),
    });
  }

  /** Seven bits per byte, high ones first. Token numbers are below 2^28. */
  #pushVarint(value: number): void {
    if (value >= 2 ** 28) throw new UnknownFormat('a text of too many tokens');
    for (const shift of [21, 14, 7]) {
      if (value >= 2 ** shift) this.#bytes.push(((value >>> shift) & 0x7f) | 0x80);
    }
    this.#bytes.push(value & 0x7f);
  }
}
