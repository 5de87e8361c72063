import assert from 'node:assert/strict';
import fc from 'fast-check';

/** Pieces with a special meaning in a query language, database, terminal or text shaper. */
export const fragments: readonly string[] = [
  "'",
  '"',
  '""',
  '`',
  ';',
  '--',
  '/*',
  "' OR 1=1 --",
  '; DROP TABLE documents; --',
  'AND',
  'OR',
  'NOT',
  'NEAR(',
  'content:',
  '*',
  '^',
  '(',
  ')',
  '{',
  '}',
  '[x]',
  ':name',
  '?1',
  '$1',
  '@p',
  '%',
  '_',
  '\\',
  '\0',
  'x\0y',
  '\n',
  '\r\n',
  '\t',
  '\u001b[31m',
  '\ufeff',
  '\u202eabc',
  '\u200d',
  'e\u0301',
  '\u0301',
  '👩‍👩‍👧',
  '🏴',
  'שלום',
  '文档',
  '\ud800',
  '\udfff',
  '\uffff',
  'null',
  '0',
  '__proto__',
  '<title>',
];

const FIRST_SURROGATE = 0xd800;
const SURROGATES = 0x800;

/**
 * Any character of Unicode: the same as the unit `binary` of fast-check, which takes a second of CPU time to build a map
 * of all of them.
 */
const character: fc.Arbitrary<string> = fc
  .integer({ min: 0, max: 0x10ffff - SURROGATES })
  .map((index) => String.fromCodePoint(index < FIRST_SURROGATE ? index : index + SURROGATES), indexOf);

/** @throws TypeError for anything else, which tells fast-check that it does not come from {@link character}. */
function indexOf(value: unknown): number {
  const [one = '', ...more] = typeof value === 'string' ? [...value] : [];
  const codePoint = one.codePointAt(0);
  if (codePoint === undefined || more.length > 0) throw new TypeError('Not a character.');
  if (codePoint < FIRST_SURROGATE) return codePoint;
  if (codePoint < FIRST_SURROGATE + SURROGATES) throw new TypeError('Not a character.');
  return codePoint - SURROGATES;
}

/** Any text that a person or program could produce, including lone surrogates. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.string({ unit: character, maxLength: 30 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
    .map((units) => String.fromCharCode(...units)),
  fc.array(fc.constantFrom(...fragments), { maxLength: 6 }).map((parts) => parts.join('')),
  fc.array(fc.constantFrom(...fragments, 'zebra'), { maxLength: 6 }).map((parts) => parts.join(' ')),
);

/** Replaces lone surrogates, which UTF-8 cannot encode, with U+FFFD. */
export function asStored(text: string): string {
  return Buffer.from(text).toString();
}

/** Asserts that two texts are equal except that lone surrogates became replacement characters. */
export function assertSameText(actual: string | null | undefined, given: string, what: string): void {
  assert.equal(typeof actual, 'string', what);
  assert.equal(actual, asStored(given), what);
}
