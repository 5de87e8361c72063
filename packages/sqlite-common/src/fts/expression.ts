/** Words of user input that are safe in an FTS5 query: none blank, no character that would break it. */
export function toWords(terms: readonly string[]): string[] {
  return terms.map(clean).filter((term) => term.trim() !== '');
}

/**
 * The FTS5 query for what a person typed: the only term, or the phrase of all terms OR each of them. Every term is
 * quoted, so that none is an operator and nothing is a syntax error; FTS5 ignores what its tokenizer finds no word in.
 *
 * @returns null when there is nothing to look for.
 */
export function ftsExpression(terms: readonly string[]): string | null {
  const words = toWords(terms);
  if (words.length === 0) return null;
  return words.length === 1 ? anyOf(words) : anyOf([words.join(' '), ...words]);
}

/** The FTS5 query for any of these phrases. */
export function anyOf(phrases: readonly string[]): string {
  return phrases.map(quote).join(' OR ');
}

/** A NUL would end the query inside its quotes; half a surrogate pair is no text in UTF-8. */
function clean(term: string): string {
  return term.replaceAll('\0', ' ').replaceAll(/\p{Surrogate}/gu, '\uFFFD');
}

function quote(term: string): string {
  return `"${term.replaceAll('"', '""')}"`;
}
