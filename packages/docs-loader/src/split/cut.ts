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
  if (cutter === undefined || sizeOf(text, span) <= max) return [span];
  const within = cutter(text, span, preferred).filter((place) => place > span.start && place < span.end);
  const edges = [span.start, ...within, span.end];
  const parts: Span[] = [];
  for (const [index, start] of edges.slice(0, -1).entries()) {
    parts.push(...cutWith(text, { start, end: edges[index + 1] ?? span.end }, finer, preferred, max));
  }
  return gather(text, parts, preferred);
}

/** Joins neighbours as long as their content stays within the size. */
function gather(text: string, parts: readonly Span[], size: number): Span[] {
  const gathered: Span[] = [];
  let content: Span = { start: 0, end: 0 };
  for (const part of parts) {
    const own = contentSpan(text, part);
    const last = gathered.at(-1);
    const joined = last === undefined ? part : { start: last.start, end: part.end };
    const joinedContent = last === undefined ? own : contentOfJoined(text, joined, content, own);
    if (last !== undefined && (isEmpty(own) || joinedContent.end - joinedContent.start <= size)) {
      gathered[gathered.length - 1] = joined;
      content = joinedContent;
    } else {
      gathered.push(part);
      content = own;
    }
  }
  return gathered;
}

/** Looks at the text again only where blank space came first: it may be the indentation of what follows. */
function contentOfJoined(text: string, joined: Span, before: Span, own: Span): Span {
  if (isEmpty(own)) return before;
  return isEmpty(before) ? contentSpan(text, joined) : { start: before.start, end: own.end };
}

function isEmpty({ start, end }: Span): boolean {
  return start === end;
}

/** The size without the blank space around it, which is not kept. */
export function sizeOf(text: string, span: Span): number {
  const { start, end } = contentSpan(text, span);
  return end - start;
}

/** The text of a stretch without blank lines before it and blank space behind it. */
export function contentOf(text: string, span: Span): string {
  const { start, end } = contentSpan(text, span);
  return text.slice(start, end);
}

function contentSpan(text: string, { start, end }: Span): Span {
  let last = end;
  while (last > start && isBlank(text.charCodeAt(last - 1))) last--;
  let first = start;
  for (let place = start; place < last && isBlank(text.charCodeAt(place)); place++) {
    const code = text.charCodeAt(place);
    if (code === LINE_FEED || code === CARRIAGE_RETURN) first = place + 1;
  }
  return { start: first, end: last };
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** What `trim()` removes. */
function isBlank(code: number): boolean {
  return code <= 32
    ? code === 32 || (code >= 9 && code <= 13)
    : code >= 160 && /\s/.test(String.fromCharCode(code));
}

function atBlankLines(text: string, span: Span): number[] {
  return placesAfter(text, span, /(?:\r\n?|\n)[^\S\r\n]*(?:\r\n?|\n)/g);
}

function atLines(text: string, span: Span): number[] {
  return placesAfter(text, span, /\r\n?|\n/g);
}

/** Behind what ends a sentence in most scripts. Intl.Segmenter knows more and takes time with the square of the length. */
function atSentences(text: string, span: Span): number[] {
  return placesAfter(text, span, /[.!?…](?:["'”’»)\]*_`]*)\s+|[。！？]/g);
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
