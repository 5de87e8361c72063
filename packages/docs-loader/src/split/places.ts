import type { Span } from './span.js';

/** Returns the offsets after the blank lines of a span. */
export function atBlankLines(text: string, span: Span): number[] {
  return placesAfter(text, span, /(?:\r\n?|\n)[^\S\r\n]*(?:\r\n?|\n)/g);
}

export function atLines(text: string, span: Span): number[] {
  return placesAfter(text, span, /\r\n?|\n/g);
}

/** Returns the offsets after sentences in most scripts. Intl.Segmenter knows more but takes quadratic time. */
export function atSentences(text: string, span: Span): number[] {
  return placesAfter(text, span, /[.!?…](?:["'”’»)\]*_`]*)\s+|[。！？]/g);
}

export function atSpaces(text: string, span: Span): number[] {
  return placesAfter(text, span, /\s+/g);
}

/** Returns offsets every `preferred` characters, between graphemes, so that emoji and accented letters stay whole. */
export function atCharacters(text: string, { start, end }: Span, preferred: number): number[] {
  const places: number[] = [];
  for (let last = start; last + preferred < end; ) {
    const place = boundaryBefore(text, last, last + preferred);
    places.push(place);
    last = place;
  }
  return places;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** Search window for a grapheme boundary, in code units; longer than any grapheme not crafted to be long. */
const WINDOW = 64;

/** Returns the last grapheme boundary after `start` and up to `wanted`. */
function boundaryBefore(text: string, start: number, wanted: number): number {
  const from = Math.max(start, wanted - WINDOW);
  let found = start;
  for (const { index } of segmenter.segment(text.slice(from, wanted + WINDOW))) {
    if (from + index > wanted) break;
    // The window may begin in the middle of a character.
    if (index > 0) found = from + index;
  }
  if (found > start) return found;
  const splitsPair = isLowSurrogate(text, wanted) && !isLowSurrogate(text, wanted - 1);
  return splitsPair && wanted - 1 > start ? wanted - 1 : wanted;
}

function isLowSurrogate(text: string, place: number): boolean {
  const code = text.charCodeAt(place);
  return code >= 0xdc00 && code <= 0xdfff;
}

/** Code points that extend the previous character: accents, joiners and emoji selectors. */
const CONTINUES = /^[\p{M}\u200d]/u;

function placesAfter(text: string, { start, end }: Span, pattern: RegExp): number[] {
  return Array.from(
    text.slice(start, end).matchAll(pattern),
    (match) => start + match.index + match[0].length,
  ).filter((place) => !CONTINUES.test(text.slice(place, place + 2)));
}
