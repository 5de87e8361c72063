import { checkArray, checkMembers, checkObject, checkString } from '../runtime/check-fields.js';
import { checkLimit } from '../runtime/validate.js';
import { parseSearchText } from './search-text.js';
import { stem } from './stem.js';

/**
 * Options of a snippet.
 *
 * @example
 * ```ts
 * const escapeHtml = (text: string) => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
 * const options: SnippetOptions = { length: 160, marks: ['<mark>', '</mark>'], escapeText: escapeHtml };
 * const hits = await store.search('fastify', '5.0', 'routes', { snippet: options });
 * ```
 */
export interface SnippetOptions {
  /** Maximum length in UTF-16 code units, without marks and ellipses. Default 240. */
  readonly length?: number | undefined;
  /** Texts before and after each match. Default `['**', '**']`. */
  readonly marks?: readonly [before: string, after: string] | undefined;
  /** Text in place of what was cut off. Default `…`. */
  readonly ellipsis?: string | undefined;
  /**
   * Escapes the text of the chunk, piece by piece; marks and ellipses are inserted as they are. Default: unchanged, so
   * that documentation which contains HTML stays HTML.
   */
  readonly escapeText?: ((text: string) => string) | undefined;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Occurrence of a phrase of the query. */
interface Match extends Range {
  readonly phrase: number;
}

const DEFAULT_LENGTH = 240;
/** Maximum length of the text before the first match. */
const MAX_LEAD = 60;
const WORD = /[\p{L}\p{N}\p{Co}][\p{L}\p{N}\p{Co}\p{M}]*/gu;

/**
 * Returns an excerpt of a text on one line, with the matches of a search marked: the part with most of the words and
 * phrases searched for, cut between words. Words match as in full-text search: in any case and by their stems. Without a
 * match it is the beginning of the text.
 *
 * @param text Search text, as given to `DocumentStore.search`.
 *
 * @example
 * ```ts
 * snippet('Routes are declared\nwith `app.get()`.', 'declare a route'); // '**Routes** are **declared** with `app.get()`.'
 * ```
 */
export function snippet(content: string, text: string, options: SnippetOptions = {}): string {
  const { length = DEFAULT_LENGTH, ellipsis = '…' } = options;
  const line = content.replace(/\s+/g, ' ').trim();
  const matches = findMatches(line, text);
  const { start, end } =
    line.length <= length ? { start: 0, end: line.length } : chooseRange(line, matches, length);
  const marked = mark(line, { start, end }, matches, options);
  const hasText = end > start;
  return [
    start > 0 ? `${ellipsis}${hasText ? ' ' : ''}` : '',
    marked,
    end < line.length ? ` ${ellipsis}` : '',
  ].join('');
}

const MEMBERS = { length: true, marks: true, ellipsis: true, escapeText: true } satisfies Record<
  keyof SnippetOptions,
  true
>;

/** @throws TypeError that names the field. */
export function checkSnippetOptions(options: SnippetOptions, field = 'snippet'): void {
  checkObject(options, field, '{ length, marks, ellipsis, escapeText }');
  checkMembers(options, MEMBERS, field);
  const { length, marks, ellipsis, escapeText } = options;
  if (length !== undefined) checkLimit(length, `${field}.length`, 1);
  if (marks !== undefined) {
    checkArray(marks, `${field}.marks`);
    checkString(marks[0], `${field}.marks[0]`);
    checkString(marks[1], `${field}.marks[1]`);
  }
  if (ellipsis !== undefined) checkString(ellipsis, `${field}.ellipsis`);
  if (escapeText !== undefined && typeof escapeText !== 'function') {
    throw new TypeError(`${field}.escapeText must be a function.`);
  }
}

/** Finds the occurrences of every term in order; a term of several words is a phrase. */
function findMatches(line: string, text: string): Match[] {
  const phrases = parseSearchText(text)
    .map((term) => wordsOf(term).map(({ word }) => word))
    .filter((words) => words.length > 0);
  const byFirst = new Map<string, number[]>();
  for (const [index, [first = '']] of phrases.entries()) {
    byFirst.set(first, [...(byFirst.get(first) ?? []), index]);
  }
  const words = wordsOf(line);
  const matches: Match[] = [];
  for (const [at, { word, start }] of words.entries()) {
    for (const phrase of byFirst.get(word) ?? []) {
      const wanted = phrases[phrase] ?? [];
      const last = words[at + wanted.length - 1];
      if (last === undefined || !wanted.every((one, offset) => words[at + offset]?.word === one)) continue;
      matches.push({ phrase, start, end: last.end });
    }
  }
  return matches;
}

function wordsOf(text: string): readonly (Range & { readonly word: string })[] {
  return [...text.matchAll(WORD)].map((match) => ({
    word: stem(bytesOf(match[0].normalize('NFD').replace(/\p{M}/gu, '').toLowerCase())),
    start: match.index,
    end: match.index + match[0].length,
  }));
}

/** Returns the bytes of a word, one character each: `stem` counts bytes. */
function bytesOf(word: string): string {
  return Buffer.from(word).toString('latin1');
}

/** Chooses the part with most different phrases, then most matches, then the first; cuts it between words. */
function chooseRange(line: string, matches: readonly Match[], length: number): Range {
  const best = bestMatches(matches, length);
  const slack = Math.max(0, length - (best.end - best.start));
  const from = Math.max(0, Math.min(best.start - Math.min(MAX_LEAD, slack), line.length - length));
  const to = Math.min(line.length, from + length);
  return { start: cutStart(line, from, best.start), end: cutEnd(line, to, Math.min(best.end, to)) };
}

function bestMatches(matches: readonly Match[], length: number): Range {
  const counts = new Map<number, number>();
  let best = { start: 0, end: 0, phrases: 0, matches: 0 };
  let next = 0;
  for (const [at, first] of matches.entries()) {
    for (let one = matches[next]; one !== undefined && one.end - first.start <= length; one = matches[next]) {
      counts.set(one.phrase, (counts.get(one.phrase) ?? 0) + 1);
      next += 1;
    }
    const here = { phrases: counts.size, matches: next - at };
    if (here.phrases > best.phrases || (here.phrases === best.phrases && here.matches > best.matches)) {
      best = { start: first.start, end: matches[next - 1]?.end ?? first.end, ...here };
    }
    if (next <= at) {
      // A match longer than the snippet.
      next = at + 1;
      if (best.phrases === 0)
        best = { start: first.start, end: first.start + length, phrases: 0, matches: 1 };
      continue;
    }
    const count = (counts.get(first.phrase) ?? 1) - 1;
    if (count === 0) counts.delete(first.phrase);
    else counts.set(first.phrase, count);
  }
  return best;
}

/** Moves a cut forward to the next word, but not beyond `most`. */
function cutStart(line: string, from: number, most: number): number {
  if (from === 0 || line[from - 1] === ' ') return from;
  const space = line.indexOf(' ', from);
  if (space !== -1 && space < most) return space + 1;
  return most > from ? most : outsidePair(line, from);
}

/** Moves a cut back to the end of a word, but not before `least`. */
function cutEnd(line: string, to: number, least: number): number {
  if (to === line.length || line[to] === ' ') return to;
  const space = line.lastIndexOf(' ', to);
  return space >= least && space > 0 ? space : outsidePair(line, to);
}

/** Moves a cut in front of a surrogate pair that it would split. */
function outsidePair(line: string, at: number): number {
  return /[\uD800-\uDBFF]/.test(line[at - 1] ?? '') && /[\uDC00-\uDFFF]/.test(line[at] ?? '') ? at - 1 : at;
}

function mark(
  line: string,
  { start, end }: Range,
  matches: readonly Match[],
  options: SnippetOptions,
): string {
  const { marks: [before, after] = ['**', '**'], escapeText = (text: string) => text } = options;
  let marked = '';
  let at = start;
  for (const range of united(matches)) {
    if (range.start < at || range.end > end) continue;
    if (range.start > at) marked += escapeText(line.slice(at, range.start));
    marked += `${before}${escapeText(line.slice(range.start, range.end))}${after}`;
    at = range.end;
  }
  return at < end ? marked + escapeText(line.slice(at, end)) : marked;
}

/** Unites overlapping matches. */
function united(matches: readonly Match[]): Range[] {
  const ranges: { start: number; end: number }[] = [];
  for (const { start, end } of matches) {
    const last = ranges.at(-1);
    if (last !== undefined && start < last.end) last.end = Math.max(last.end, end);
    else ranges.push({ start, end });
  }
  return ranges;
}
