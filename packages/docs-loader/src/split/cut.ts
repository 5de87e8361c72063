/** A stretch of a text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Finds places within a stretch where it may be cut, ascending. */
type Cutter = (text: string, span: Span, preferred: number) => number[];

/** Where prose and everything else that is too long is cut, best places first. */
const proseCutters: readonly Cutter[] = [atBlankLines, atSentences, atLines, atSpaces, atCharacters];
const lineCutters: readonly Cutter[] = [atBlankLines, atLines, atSentences, atSpaces, atCharacters];

/**
 * Cuts a stretch of text into parts of at most `max` characters, gathered up to `preferred`: at the given places if
 * there are any, else between sentences (prose) or lines (all else), else between words, and in the last resort
 * between characters. Nothing is dropped: the parts cover the stretch.
 */
export function cut(
  text: string,
  span: Span,
  kind: 'prose' | 'lines',
  places: readonly number[],
  preferred: number,
  max: number,
): Span[] {
  const cutters = kind === 'prose' ? proseCutters : lineCutters;
  return cutWith(text, span, [() => [...places], ...cutters], preferred, max);
}

function cutWith(
  text: string,
  span: Span,
  [cutter, ...finer]: readonly Cutter[],
  preferred: number,
  max: number,
): Span[] {
  if (sizeOf(text, span) <= max || cutter === undefined) return [span];
  const within = cutter(text, span, preferred).filter((place) => place > span.start && place < span.end);
  const edges = [span.start, ...within, span.end];
  const parts: Span[] = [];
  for (const [index, start] of edges.slice(0, -1).entries()) {
    parts.push(...cutWith(text, { start, end: edges[index + 1] ?? span.end }, finer, preferred, max));
  }
  return gather(text, parts, preferred);
}

/** Joins neighbours as long as they stay within the size. */
function gather(text: string, parts: readonly Span[], size: number): Span[] {
  const gathered: Span[] = [];
  for (const part of parts) {
    const last = gathered.at(-1);
    const joined = last === undefined ? part : { start: last.start, end: part.end };
    if (last !== undefined && sizeOf(text, joined) <= size) gathered[gathered.length - 1] = joined;
    else gathered.push(part);
  }
  return gathered;
}

/** The size without the blank space around it, which is not kept. */
export function sizeOf(text: string, { start, end }: Span): number {
  return contentOf(text, { start, end }).length;
}

/** The text of a stretch without blank lines before it and blank space behind it. */
export function contentOf(text: string, { start, end }: Span): string {
  return text
    .slice(start, end)
    .replace(/^(?:[^\S\r\n]*(?:\r\n?|\n))+/, '')
    .trimEnd();
}

function atBlankLines(text: string, span: Span): number[] {
  return placesAfter(text, span, /(?:\r\n?|\n)[^\S\r\n]*(?:\r\n?|\n)/g);
}

function atLines(text: string, span: Span): number[] {
  return placesAfter(text, span, /\r\n?|\n/g);
}

function atSentences(text: string, { start, end }: Span): number[] {
  const sentences = new Intl.Segmenter('en', { granularity: 'sentence' }).segment(text.slice(start, end));
  return Array.from(sentences, ({ index }) => start + index);
}

function atSpaces(text: string, span: Span): number[] {
  return placesAfter(text, span, /\s+/g);
}

/** Between characters, none of them torn into its surrogates. */
function atCharacters(text: string, { start, end }: Span, preferred: number): number[] {
  const places: number[] = [];
  for (let place = start + preferred; place < end; place += preferred) {
    if (/[\uDC00-\uDFFF]/.test(text.charAt(place)) && /[\uD800-\uDBFF]/.test(text.charAt(place - 1)))
      place -= 1;
    places.push(place);
  }
  return places;
}

function placesAfter(text: string, { start, end }: Span, pattern: RegExp): number[] {
  return Array.from(
    text.slice(start, end).matchAll(pattern),
    (match) => start + match.index + match[0].length,
  );
}
