import { toWellFormed } from './well-formed.js';

/**
 * Compares two texts in the order of all lists of the catalog: by code points, which is the order of their bytes in
 * UTF-8. The order of JavaScript, by UTF-16 code units, differs beyond U+FFFF, and that of a language differs everywhere.
 *
 * @returns A negative number, 0 or a positive number, as `sort` takes it.
 *
 * @example
 * ```ts
 * ['é', 'Z', 'a'].sort(compareText); // ['Z', 'a', 'é']
 * ```
 */
export function compareText(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/**
 * Returns a text without NUL, for engines that cannot store it, such as PostgreSQL. Different texts stay different, and
 * their order by {@link compareText} stays the same: U+0000 becomes U+0001 U+0001, and U+0001 becomes U+0001 U+0002.
 *
 * @example
 * ```ts
 * unescapeNul(escapeNul('a\0b')); // 'a\0b'
 * ```
 */
export function escapeNul(text: string): string {
  return text.replace(ESCAPED, (character) => (character === '\0' ? '\u0001\u0001' : '\u0001\u0002'));
}

/** Returns the text that {@link escapeNul} was given. */
export function unescapeNul(text: string): string {
  return text.replace(ESCAPES, (pair) => (pair === '\u0001\u0001' ? '\0' : '\u0001'));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
const ESCAPED = /[\0\u0001]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
const ESCAPES = /\u0001[\u0001\u0002]/g;

/** Part of an ordered key: a text, or a whole number from 0. */
export type KeyPart = string | number;

const NUMBER = 1;
const TEXT = 2;
const END = 0;
const NUMBER_BYTES = 8;

/**
 * Returns a key for a store whose keys are ordered bytes: keys are ordered part by part, texts by {@link compareText}
 * and numbers by their values. The key of fewer parts is the prefix of all keys that begin with them. For keys that are
 * texts, take the bytes in hexadecimal.
 *
 * A lone surrogate becomes U+FFFD, as in every store; other texts, with NUL too, come back from {@link readOrderedKey}.
 *
 * @throws TypeError for a number that is not a whole number from 0 to 2^53 − 1.
 *
 * @example
 * ```ts
 * const page = orderedKey(['page', 12, 'https://fastify.dev/docs/hooks']);
 * const prefix = orderedKey(['page', 12]); // of all pages of version 12, ordered by URL
 * Buffer.from(page).toString('hex').startsWith(Buffer.from(prefix).toString('hex')); // true
 * ```
 */
export function orderedKey(parts: readonly KeyPart[]): Uint8Array {
  return Buffer.concat(parts.map((part) => (typeof part === 'number' ? numberBytes(part) : textBytes(part))));
}

/**
 * Returns the parts of a key made by {@link orderedKey}.
 *
 * @throws TypeError for other bytes.
 */
export function readOrderedKey(key: Uint8Array): KeyPart[] {
  const bytes = Buffer.from(key.buffer, key.byteOffset, key.byteLength);
  const parts: KeyPart[] = [];
  let at = 0;
  while (at < bytes.length) {
    const kind = bytes[at];
    at += 1;
    if (kind === NUMBER && at + NUMBER_BYTES <= bytes.length) {
      parts.push(Number(bytes.readBigUInt64BE(at)));
      at += NUMBER_BYTES;
      continue;
    }
    const end = kind === TEXT ? bytes.indexOf(END, at) : -1;
    if (end === -1) throw new TypeError('These bytes are no ordered key.');
    parts.push(unescapeNul(bytes.toString('utf8', at, end)));
    at = end + 1;
  }
  return parts;
}

function textBytes(text: string): Buffer {
  return Buffer.concat([Buffer.of(TEXT), Buffer.from(escapeNul(toWellFormed(text))), Buffer.of(END)]);
}

function numberBytes(value: number): Buffer {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new TypeError(`A number of an ordered key must be a whole number from 0, not ${value}.`);
  }
  const bytes = Buffer.alloc(1 + NUMBER_BYTES, NUMBER);
  bytes.writeBigUInt64BE(BigInt(value), 1);
  return bytes;
}
