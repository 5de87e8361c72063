import type { Token } from 'markdown-it';
import type { FullChunkSizes } from './sizes.js';
import type { Span } from './span.js';

/** A span whose parts need repeated lines when split: fenced code repeats its fences, a table its header. */
export interface Region extends Span {
  /** Bounds of the body: between the fences, or after the header of a table. */
  readonly bodyStart: number;
  readonly bodyEnd: number;
  /** Text prepended to a part that starts in the body. */
  readonly head: string;
  /** Text appended to a part that ends in the body. */
  readonly tail: string;
}

/** Finds the fenced code and the tables of a page, in order. */
export function findRegions(
  text: string,
  lines: readonly number[],
  tokens: readonly Token[],
  sizes: FullChunkSizes,
): Region[] {
  return tokens.flatMap((token) => {
    if (token.map === null || (token.type !== 'fence' && token.type !== 'table_open')) return [];
    const [from, to] = token.map;
    const place: Place = {
      start: lines[from] ?? text.length,
      end: lines[to] ?? text.length,
      line: (index) => text.slice(lines[index] ?? text.length, lines[index + 1] ?? text.length),
      lineStart: (index) => Math.min(lines[index] ?? text.length, lines[to] ?? text.length),
      from,
      to,
    };
    const region = token.type === 'fence' ? fence(place, token, sizes) : table(place, token, sizes);
    return region === null ? [] : [region];
  });
}

interface Place extends Span {
  readonly line: (index: number) => string;
  readonly lineStart: (index: number) => number;
  /** Line range; the end is exclusive. */
  readonly from: number;
  readonly to: number;
}

function fence(place: Place, { markup, info }: Token, { max }: FullChunkSizes): Region | null {
  const { start, end, from, to } = place;
  const opener = place.line(from);
  const indent = withoutMarkers(opener.slice(0, Math.max(0, opener.indexOf(markup))));
  const eol = /\r\n?|\n/.exec(opener)?.[0] ?? '\n';
  const isClosed = to - from > 1 && isClosingFence(place.line(to - 1), markup);
  const bodyStart = place.lineStart(from + 1);
  const bodyEnd = isClosed ? place.lineStart(to - 1) : end;
  const tail = `${eol}${indent}${markup}`;
  // A long info string is reduced to its first word, the language; in tiny chunks it is dropped.
  const [language = ''] = info.trim().split(/\s+/);
  const head = [info.trim(), language, '']
    .map((word) => `${indent}${markup}${word}${eol}`)
    .find((line, index) => line.length + tail.length <= max / (index < 2 ? 4 : 2));
  const fits = bodyStart - start + tail.length <= max / 2 && end - bodyEnd <= max / 4 + eol.length;
  return head !== undefined && fits ? { start, end, bodyStart, bodyEnd, head, tail } : null;
}

function isClosingFence(line: string, markup: string): boolean {
  const marks = /^[\s>]*(`{3,}|~{3,})\s*$/.exec(line)?.[1] ?? '';
  return marks.startsWith(markup);
}

function table(place: Place, { level }: Token, { max }: FullChunkSizes): Region | null {
  const { start, end, from, to } = place;
  const rows = `${place.line(from)}${place.line(from + 1)}`;
  const container = level === 0 ? '' : (CONTAINER.exec(rows)?.[0] ?? '');
  const head = withoutMarkers(container) + rows.slice(container.length);
  if (to - from < 3 || head.length > max / 4) return null;
  return { start, end, bodyStart: place.lineStart(from + 2), bodyEnd: end, head, tail: '' };
}

/** Markers before the text in the first line of list items and block quotes. */
const CONTAINER = /^(?:[ \t>]|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t]))*/;

/** Replaces list markers by spaces of the same width, as in the following lines of an item. */
function withoutMarkers(container: string): string {
  return container.replace(/[^>\s]/g, ' ');
}
