/**
 * Columns of the full-text index, in the order of their numbers: the text of a chunk, the title and URL of its page, and
 * the JSON text of its heading path.
 */
export const FTS_COLUMNS = ['content', 'title', 'url', 'path'] as const;

/** Numbers of the tokens of the first column; those of the others follow. */
const COLUMN_SIZE = 2 ** 28;

/**
 * Returns the place of a token: the number of its column × 2^28 + the number of the token in it. Places fit into a
 * signed 32-bit integer, and consecutive tokens of a column have consecutive places.
 *
 * @throws RangeError for a column of more than 2^28 tokens.
 */
export function placeOf(column: number, token: number): number {
  if (token >= COLUMN_SIZE - 1) throw new RangeError('A column of the full-text index has too many tokens.');
  return column * COLUMN_SIZE + token;
}

/** Returns the number of the column of a place. */
export function columnOf(place: number): number {
  return Math.floor(place / COLUMN_SIZE);
}

/**
 * Returns the places at which a phrase begins: its tokens in consecutive places.
 *
 * @param lists Places of each token of the phrase in one chunk, ascending.
 *
 * @example
 * ```ts
 * findPhrase([[0, 5, 9], [1, 10]]); // [0, 9]
 * ```
 */
export function findPhrase(lists: readonly (readonly number[])[]): readonly number[] {
  const [first = [], ...rest] = lists;
  return rest.length === 0
    ? first
    : first.filter((place) => rest.every((list, index) => includes(list, place + index + 1)));
}

/** Looks for a number in an ascending list. */
function includes(list: readonly number[], wanted: number): boolean {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] as number) < wanted) low = middle + 1;
    else high = middle;
  }
  return list[low] === wanted;
}

/**
 * Packs ascending places into bytes: the differences between them, seven bits per byte. About one byte per token.
 *
 * @example
 * ```ts
 * unpackPlaces(packPlaces([0, 5, 9])); // [0, 5, 9]
 * ```
 */
export function packPlaces(places: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  let before = 0;
  for (const place of places) {
    let rest = place - before;
    for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
    bytes.push(rest);
    before = place;
  }
  return Uint8Array.from(bytes);
}

/** Reads what {@link packPlaces} returned. @throws RangeError for bytes that it cannot have returned. */
export function unpackPlaces(bytes: Uint8Array): number[] {
  const places: number[] = [];
  let place = 0;
  let difference = 0;
  let shift = 0;
  for (const byte of bytes) {
    difference += (byte & 0x7f) * 2 ** shift;
    shift += 7;
    if (shift > 35) throw new RangeError('Packed places are damaged.');
    if (byte > 0x7f) continue;
    place += difference;
    places.push(place);
    difference = 0;
    shift = 0;
  }
  if (shift > 0) throw new RangeError('Packed places are incomplete.');
  return places;
}
