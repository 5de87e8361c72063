import { stem } from '@switchyard/storage-core/backend';
import { isLonger, tokenOf } from './token-bytes.js';
import { DROPPED, foldCharacter, SEPARATOR } from './unicode61.js';

/** Maximum length of a token in bytes of UTF-8; FTS5 cuts longer ones. */
const MAX_TOKEN_BYTES = 32_768;
/** Maximum length of a word that has a stem, in bytes of UTF-8. */
const MAX_STEMMED_BYTES = 64;
const NON_ASCII = /[^\0-\x7f]/;

/**
 * Returns the tokens of a text exactly as SQLite's FTS5 does with `tokenize = 'porter unicode61'`: runs of letters,
 * digits and private-use characters of Unicode 6.1, in lower case, without diacritics, and stemmed.
 *
 * Lone surrogates and NUL separate tokens. FTS5 may cut a token inside a character; such a token ends with U+FFFD and the
 * bytes that are left of the character, in hexadecimal.
 *
 * @example
 * ```ts
 * tokenize('Crème brûlée, configured'); // ['creme', 'brule', 'configur']
 * ```
 */
export function tokenize(text: string): string[] {
  const tokens: string[] = [];
  let word = '';
  for (const character of text) {
    const folded = foldCharacter(character.codePointAt(0) as number);
    if (folded === DROPPED) continue;
    if (folded !== SEPARATOR) {
      word += String.fromCodePoint(folded);
    } else if (word !== '') {
      tokens.push(toToken(word));
      word = '';
    }
  }
  if (word !== '') tokens.push(toToken(word));
  return tokens;
}

function toToken(word: string): string {
  if (isLonger(word, MAX_STEMMED_BYTES)) {
    return isLonger(word, MAX_TOKEN_BYTES) ? tokenOf(Buffer.from(word).subarray(0, MAX_TOKEN_BYTES)) : word;
  }
  if (!NON_ASCII.test(word)) return stem(word);
  const bytes = Buffer.from(word).toString('latin1');
  const stemmed = stem(bytes);
  return stemmed === bytes ? word : tokenOf(Buffer.from(stemmed, 'latin1'));
}
