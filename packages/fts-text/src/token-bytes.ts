import { createHash } from 'node:crypto';

/** Maximum length of a term in bytes of UTF-8. */
export const MAX_TERM_BYTES = 256;

/** Length of U+FFFD and a hash in hexadecimal. */
const HASH_BYTES = 3 + 64;

/** Returns true if the UTF-8 of a token is longer than this. */
export function isLonger(token: string, bytes: number): boolean {
  // A UTF-16 code unit takes at most three bytes.
  return token.length * 3 > bytes && Buffer.byteLength(token) > bytes;
}

/**
 * Returns the token with these bytes, which may end inside a character. The bytes that are left of it follow a U+FFFD,
 * in hexadecimal: U+FFFD separates tokens, so no other token contains it.
 */
export function tokenOf(bytes: Uint8Array): string {
  // A streaming decoder holds an incomplete character at the end back.
  const whole = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: true });
  const rest = bytes.subarray(Buffer.byteLength(whole));
  return rest.length === 0 ? whole : `${whole}\uFFFD${Buffer.from(rest).toString('hex')}`;
}

/**
 * Returns the term under which a token is stored: itself or, for a token of more than {@link MAX_TERM_BYTES}, its
 * beginning and a hash, because databases limit the size of a key.
 */
export function termOf(token: string): string {
  if (!isLonger(token, MAX_TERM_BYTES)) return token;
  const bytes = Buffer.from(token);
  const [beginning = ''] = tokenOf(bytes.subarray(0, MAX_TERM_BYTES - HASH_BYTES)).split('\uFFFD');
  return `${beginning}\uFFFD${createHash('sha256').update(bytes).digest('hex')}`;
}
