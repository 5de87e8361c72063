/**
 * The FTS5 query for what a person typed: the only term, or the phrase of all terms OR each of them. Every term is
 * quoted, so that none is an operator and nothing is a syntax error; FTS5 ignores what its tokenizer finds no word in.
 *
 * @returns null when there is nothing to look for.
 */
export function ftsExpression(terms: readonly string[]): string | null {
  const words = terms.map(clean).filter((term) => term.trim() !== '');
  const [only] = words;
  if (only === undefined) return null;
  if (words.length === 1) return quote(only);
  return [words.join(' '), ...words].map(quote).join(' OR ');
}

/** A NUL would end the query inside its quotes; half a surrogate pair is no text in UTF-8. */
function clean(term: string): string {
  return term.replaceAll('\0', ' ').replaceAll(/\p{Surrogate}/gu, '\uFFFD');
}

function quote(term: string): string {
  return `"${term.replaceAll('"', '""')}"`;
}
