/** Returns the terms that are safe in an FTS5 query: not blank, and without characters that would break it. */
export function toWords(terms: readonly string[]): string[] {
  return terms.map(clean).filter((term) => term.trim() !== '');
}

/**
 * Builds the FTS5 query for user input: the only term, or the phrase of all terms OR each of them. Every term is
 * quoted, so that none acts as an operator and no input is a syntax error; FTS5 ignores terms without a token.
 *
 * @returns null if there is nothing to search for.
 */
export function ftsExpression(terms: readonly string[]): string | null {
  const words = toWords(terms);
  if (words.length === 0) return null;
  return words.length === 1 ? anyOf(words) : anyOf([words.join(' '), ...words]);
}

/** Returns the FTS5 query that matches any of the phrases. */
export function anyOf(phrases: readonly string[]): string {
  return phrases.map(quote).join(' OR ');
}

/** A NUL would end the query inside its quotes; a lone surrogate is not valid UTF-8. */
function clean(term: string): string {
  return term.replaceAll('\0', ' ').replaceAll(/\p{Surrogate}/gu, '\uFFFD');
}

function quote(term: string): string {
  return `"${term.replaceAll('"', '""')}"`;
}
