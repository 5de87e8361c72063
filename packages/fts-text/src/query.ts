import { toWellFormed } from '@switchyard/storage-core/backend';
import { termOf } from './token-bytes.js';
import { tokenize } from './tokenize.js';

/** Query of a full-text search, as terms of the index. */
export interface FtsPlan {
  /** Phrases of which a chunk must contain one, each with its terms in order. A repeated phrase counts repeatedly. */
  readonly phrases: readonly (readonly string[])[];
  /** Different terms of the phrases: those whose postings are needed. */
  readonly terms: readonly string[];
}

/**
 * Returns the words and phrases that a query searches for: its terms without those that are blank. No character in them
 * ends a string in SQL or is not valid UTF-8.
 */
export function searchWords(terms: readonly string[]): string[] {
  return terms.map((term) => toWellFormed(term.replaceAll('\0', ' '))).filter((term) => term.trim() !== '');
}

/**
 * Returns what an index has to be asked for: the phrase of all terms and each term, or the only term.
 *
 * @param terms Terms of a {@link FtsQuery}, as returned by `parseSearchText`.
 *
 * @example
 * ```ts
 * planFtsQuery(['reply', 'route options']);
 * // phrases [['repli', 'rout', 'option'], ['repli'], ['rout', 'option']], terms ['repli', 'rout', 'option']
 * ```
 */
export function planFtsQuery(terms: readonly string[]): FtsPlan {
  const each = searchWords(terms).map((word) => tokenize(word).map(termOf));
  const all = each.length > 1 ? [each.flat(), ...each] : each;
  const phrases = all.filter((phrase) => phrase.length > 0);
  return { phrases, terms: [...new Set(phrases.flat())] };
}

/**
 * Returns the same query as an expression of FTS5. Every term is quoted, so that none is an operator and nothing is a
 * syntax error.
 *
 * @returns null if there is nothing to search for.
 *
 * @example
 * ```ts
 * fts5Expression(['reply', 'AND']); // '"reply AND" OR "reply" OR "AND"'
 * ```
 */
export function fts5Expression(terms: readonly string[]): string | null {
  const words = searchWords(terms);
  if (words.length === 0) return null;
  return words.length === 1 ? fts5AnyOf(words) : fts5AnyOf([words.join(' '), ...words]);
}

/** Returns the expression of FTS5 that matches any of these phrases. */
export function fts5AnyOf(phrases: readonly string[]): string {
  return phrases.map((phrase) => `"${phrase.replaceAll('"', '""')}"`).join(' OR ');
}
