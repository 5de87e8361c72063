import { toWellFormed } from '../values/well-formed.js';

/**
 * Splits search text into terms: words between spaces, and phrases between double quotes; an unclosed quote ends at the
 * end of the text. Operators are plain words. Only spaces separate terms: other white space stays inside a term, which
 * is then a phrase.
 *
 * @example
 * ```ts
 * parseSearchText('reply "route options"'); // ['reply', 'route options']
 * ```
 */
export function parseSearchText(text: string): string[] {
  // SQLite's query strings end at a NUL, which would leave a quote open.
  const clean = toWellFormed(text).replaceAll('\0', ' ');
  const terms: string[] = [];
  let term = '';
  let quoted = false;
  const close = () => {
    if (term !== '') terms.push(term);
    term = '';
  };
  for (const character of clean) {
    if (character === '"') {
      close();
      quoted = !quoted;
    } else if (!quoted && character === ' ') {
      close();
    } else {
      term += character;
    }
  }
  close();
  return terms.filter((candidate) => candidate.trim() !== '');
}
