import { FTS_COLUMNS, placeOf } from './places.js';
import { termOf } from './token-bytes.js';
import { tokenize } from './tokenize.js';

/** Texts of a chunk that full-text search covers. */
export interface FtsText {
  /** Text of the chunk. */
  readonly content: string;
  /** Title of its page. */
  readonly title?: string | null | undefined;
  /** URL of its page. */
  readonly url: string;
  /** Headings above the chunk: `metadata.path`. */
  readonly path: readonly string[];
}

/** Term of a chunk and where it is. */
export interface TermPlaces {
  /** A token, or the beginning and a hash of a very long one. At most 256 bytes of UTF-8, never with a NUL. */
  readonly term: string;
  /** Places of the term, ascending: see {@link placeOf}. */
  readonly places: readonly number[];
}

/** Entries of a chunk in the full-text index. */
export interface IndexedText {
  /** Number of tokens in all columns. */
  readonly length: number;
  /** Terms in the order of their first places. */
  readonly terms: readonly TermPlaces[];
}

/**
 * Returns what a store keeps of a chunk to search it: a row for each term, and the number of its tokens.
 *
 * @example
 * ```ts
 * const { length, terms } = indexText({ content: 'Routes and more routes', title: 'Routing', url: '/r', path: [] });
 * // length 6; terms [{ term: 'rout', places: [0, 3, 268435456] }, { term: 'and', places: [1] }, …]
 * ```
 */
export function indexText({ content, title, url, path }: FtsText): IndexedText {
  const texts = { content, title: title ?? '', url, path: JSON.stringify(path) };
  const places = new Map<string, number[]>();
  let length = 0;
  for (const [column, name] of FTS_COLUMNS.entries()) {
    for (const [index, token] of tokenize(texts[name]).entries()) {
      const term = termOf(token);
      const known = places.get(term);
      if (known === undefined) places.set(term, [placeOf(column, index)]);
      else known.push(placeOf(column, index));
      length += 1;
    }
  }
  return { length, terms: [...places].map(([term, found]) => ({ term, places: found })) };
}
