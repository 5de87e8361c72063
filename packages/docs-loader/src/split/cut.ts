import { PageText } from './page-text.js';
import { atBlankLines, atCharacters, atLines, atSentences, atSpaces } from './places.js';
import type { Region } from './regions.js';
import { contentSpan, type Span } from './span.js';

/** Finds offsets within a span where it may be split, ascending. */
type Cutter = (page: PageText, span: Span, preferred: number) => number[];

const onText =
  (find: (text: string, span: Span, preferred: number) => number[]): Cutter =>
  (page, span, preferred) =>
    find(page.text, span, preferred);

const blankLines = onText(atBlankLines);
const lines = onText(atLines);
const sentences = onText(atSentences);
const finest = [onText(atSpaces), onText(atCharacters)];
const regionEdges: Cutter = (page, span) => page.edges(span);

/** Strategies for splitting prose and everything else, best first. */
const proseCutters: readonly Cutter[] = [blankLines, regionEdges, sentences, lines, ...finest];
const lineCutters: readonly Cutter[] = [blankLines, regionEdges, lines, sentences, ...finest];

/**
 * Splits a span into parts of at most `max` characters, collected up to `preferred`: at the given places if there are
 * any, else between sentences (prose) or lines (anything else), else between words, and as a last resort between
 * characters. The parts cover the span completely. Fenced code and tables are split only if they are too long by
 * themselves, leaving room for the repeated lines.
 */
export function cut(
  page: PageText,
  span: Span,
  kind: 'prose' | 'lines',
  places: readonly number[],
  preferred: number,
  max: number,
): Span[] {
  const cutters = kind === 'prose' ? proseCutters : lineCutters;
  return cutWith(page, span, [() => [...places], ...cutters], preferred, max);
}

function cutWith(
  page: PageText,
  span: Span,
  [cutter, ...finer]: readonly Cutter[],
  preferred: number,
  max: number,
): Span[] {
  if (cutter === undefined || page.sizeOf(span) <= max) return [span];
  const region = page.regionOf(span);
  if (region !== undefined) return cutRegion(page, span, region, preferred, max);
  const within = cutter(page, span, preferred).filter(
    (place) => place > span.start && place < span.end && !page.isInside(place),
  );
  const edges = [span.start, ...within, span.end];
  const parts: Span[] = [];
  for (const [index, start] of edges.slice(0, -1).entries()) {
    parts.push(...cutWith(page, { start, end: edges[index + 1] ?? span.end }, finer, preferred, max));
  }
  return gather(page, parts, preferred);
}

/** Splits the body of a region; its first and last lines stay with the first and last part. */
function cutRegion(page: PageText, span: Span, region: Region, preferred: number, max: number): Span[] {
  const body = { start: Math.max(span.start, region.bodyStart), end: Math.min(span.end, region.bodyEnd) };
  const room =
    Math.max(region.head.length, region.bodyStart - region.start) +
    Math.max(region.tail.length, region.end - region.bodyEnd);
  const most = Math.max(1, max - room);
  const size = Math.min(most, Math.max(preferred - room, Math.ceil(most / 4)));
  const parts = cutWith(new PageText(page.text), body, lineCutters, size, most);
  const spans = [{ start: span.start, end: body.start }, ...parts, { start: body.end, end: span.end }];
  return joinEnds(page, spans, max);
}

/** Joins the first and last span with their neighbors, unless many blank lines lie between. */
function joinEnds(page: PageText, spans: readonly Span[], max: number): Span[] {
  const joined: Span[] = [];
  for (const [index, span] of spans.entries()) {
    const last = joined.at(-1);
    const isEnd = index === 1 || index === spans.length - 1;
    const both = { start: last?.start ?? span.start, end: span.end };
    if (last !== undefined && isEnd && (page.sizeOf(both) <= max || isEmpty(span) || isEmpty(last))) {
      joined[joined.length - 1] = both;
    } else joined.push(span);
  }
  return joined;
}

/** Joins neighbors while their content stays within the size. */
function gather(page: PageText, parts: readonly Span[], size: number): Span[] {
  const gathered: Span[] = [];
  let content: Span = { start: 0, end: 0 };
  for (const part of parts) {
    const own = contentSpan(page.text, part);
    const last = gathered.at(-1);
    const joined = last === undefined ? part : { start: last.start, end: part.end };
    const joinedContent = last === undefined ? own : contentOfJoined(page.text, joined, content, own);
    const joinedSize = joinedContent.end - joinedContent.start + page.addedAt(joined);
    if (last !== undefined && (isEmpty(own) || joinedSize <= size)) {
      gathered[gathered.length - 1] = joined;
      content = joinedContent;
    } else {
      gathered.push(part);
      content = own;
    }
  }
  return gathered;
}

/** Rescans the text only after leading whitespace, which may be the indentation of the next part. */
function contentOfJoined(text: string, joined: Span, before: Span, own: Span): Span {
  if (isEmpty(own)) return before;
  return isEmpty(before) ? contentSpan(text, joined) : { start: before.start, end: own.end };
}

function isEmpty({ start, end }: Span): boolean {
  return start === end;
}
