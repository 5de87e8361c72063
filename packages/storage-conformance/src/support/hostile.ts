import assert from 'node:assert/strict';
import fc from 'fast-check';

/** Pieces that mean something to a query language, a database, a terminal or a text shaper. */
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

/** Any text a person or a program could come up with, lone surrogates included. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
    .map((units) => String.fromCharCode(...units)),
  fc.array(fc.constantFrom(...fragments), { maxLength: 6 }).map((parts) => parts.join('')),
  fc.array(fc.constantFrom(...fragments, 'zebra'), { maxLength: 6 }).map((parts) => parts.join(' ')),
);

/** A text without what UTF-8 cannot say: a lone surrogate becomes U+FFFD. */
export function asStored(text: string): string {
  return Buffer.from(text).toString();
}

/** The same text, but that lone surrogates have become replacement characters. */
export function assertSameText(actual: string | null | undefined, given: string, what: string): void {
  assert.equal(typeof actual, 'string', what);
  assert.equal(actual, asStored(given), what);
}
