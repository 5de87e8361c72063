import { stemmer } from 'stemmer';

/**
 * Tokenizes a text like SQLite's FTS5 with `porter unicode61`: runs of letters, digits and private-use characters,
 * folded to lower case, with the diacritic removed from Latin letters that carry exactly one, and stemmed with
 * M. F. Porter's algorithm (Program 14(3), 1980).
 *
 * It differs from FTS5 for characters newer than Unicode 6.1 (FTS5 treats unassigned code points as letters) and for
 * words such as `yyed`, whose second y the stemmers classify differently; the tests cover both.
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

/** Marks that FTS5 treats as part of a word and drops: those in U+0300 to U+0331 used by precomposed letters. */
const MARKS =
  '\\u0300-\\u0304\\u0306-\\u030C\\u030F\\u0311\\u031B\\u0323-\\u0328\\u032D\\u032E\\u0330\\u0331';
const MARK = new RegExp(`[${MARKS}]`, 'u');
const WORD = new RegExp(`[\\p{L}\\p{N}\\p{Co}][\\p{L}\\p{N}\\p{Co}${MARKS}]*`, 'gu');
const DOTLESS_I = 'ı';

function fold(character: string): string {
  if (character === DOTLESS_I) return character;
  // Via upper case, so that both forms of sigma (and the like) match; not for letters such as ß that have no capital.
  const capital = character.toUpperCase();
  const lower = (isOne(capital) ? capital : character).toLowerCase();
  const [first = ''] = lower;
  return /^[a-z]\p{M}$/u.test(first.normalize('NFD')) ? (first.normalize('NFD')[0] ?? first) : first;
}

function isOne(text: string): boolean {
  return [...text].length === 1;
}

/** FTS5 does not stem tokens shorter than 3 bytes or longer than 64. */
function stem(token: string): string {
  const bytes = Buffer.byteLength(token);
  return bytes < 3 || bytes > 64 ? token : stemmer(token);
}
