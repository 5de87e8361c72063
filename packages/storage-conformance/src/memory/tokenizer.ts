import { stemmer } from 'stemmer';

/**
 * Cuts a text into tokens as SQLite's FTS5 does with `porter unicode61`: runs of letters, digits and private-use
 * characters, folded to lower case, with the mark taken off Latin letters that carry exactly one, and stemmed by
 * M. F. Porter's algorithm (Program 14(3), 1980).
 *
 * It differs from FTS5 where that is bound to Unicode 6.1 (it takes unassigned code points for letters) and for words
 * such as `yyed`, in which the stemmers take the second y for a different kind of letter; the tests name both.
 */
export function tokenize(text: string): string[] {
  const tokens: string[] = [];
  for (const [word] of text.matchAll(WORD)) {
    let token = '';
    for (const character of word) if (!MARK.test(character)) token += fold(character);
    tokens.push(stem(token));
  }
  return tokens;
}

/** The marks FTS5 takes as part of a word and drops: those of U+0300 to U+0331 that precomposed letters carry. */
const MARKS =
  '\\u0300-\\u0304\\u0306-\\u030C\\u030F\\u0311\\u031B\\u0323-\\u0328\\u032D\\u032E\\u0330\\u0331';
const MARK = new RegExp(`[${MARKS}]`, 'u');
const WORD = new RegExp(`[\\p{L}\\p{N}\\p{Co}][\\p{L}\\p{N}\\p{Co}${MARKS}]*`, 'gu');
const DOTLESS_I = 'ı';

function fold(character: string): string {
  if (character === DOTLESS_I) return character;
  // By way of the capital, so that the two forms of sigma and the like meet; not for letters such as ß that have none.
  const capital = character.toUpperCase();
  const lower = (isOne(capital) ? capital : character).toLowerCase();
  const [first = ''] = lower;
  return /^[a-z]\p{M}$/u.test(first.normalize('NFD')) ? (first.normalize('NFD')[0] ?? first) : first;
}

function isOne(text: string): boolean {
  return [...text].length === 1;
}

/** FTS5 leaves tokens alone that are shorter than three bytes or longer than 64. */
function stem(token: string): string {
  const bytes = Buffer.byteLength(token);
  return bytes < 3 || bytes > 64 ? token : stemmer(token);
}
