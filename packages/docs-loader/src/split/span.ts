/** A range of offsets in a text; the end is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Returns the span without leading blank lines and trailing whitespace. */
export function contentSpan(text: string, { start, end }: Span): Span {
  let last = end;
  while (last > start && isBlank(text.charCodeAt(last - 1))) last--;
  let first = start;
  for (let place = start; place < last && isBlank(text.charCodeAt(place)); place++) {
    const code = text.charCodeAt(place);
    if (code === LINE_FEED || code === CARRIAGE_RETURN) first = place + 1;
  }
  return { start: first, end: last };
}

/** Returns the start offsets of lines. `\n`, `\r\n` and `\r` end a line. */
export function lineStarts(text: string): number[] {
  return [0, ...Array.from(text.matchAll(/\r\n?|\n/g), (match) => match.index + match[0].length)];
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** Returns whether `trim()` would remove the character. */
function isBlank(code: number): boolean {
  return code <= 32
    ? code === 32 || (code >= 9 && code <= 13)
    : code >= 160 && /\s/.test(String.fromCharCode(code));
}
