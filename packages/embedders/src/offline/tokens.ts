import type { SentenceModel } from './runtime.js';

/** Maximum number of tokens that the model reads; the rest of a text is dropped. */
export const MAX_TOKENS = 128;

/** Maximum length of 128 tokens, except in texts that consist mostly of characters outside the vocabulary. */
const MAX_WINDOW = 4096;

/**
 * Returns the first tokens of a text, as many as the model reads. The tokenizer takes quadratic time, so it gets only a
 * prefix of the text. No token spans a space, so a prefix that ends before a space has the same first tokens as the
 * whole text.
 */
export function firstTokens(tokenizer: SentenceModel['tokenizer'], text: string): readonly number[] {
  for (let window = 512; ; window *= 2) {
    const end = endOfWord(text, window);
    const tokens = tokenizer.encode(text.slice(0, end));
    if (tokens.length >= MAX_TOKENS || end === text.length || window >= MAX_WINDOW) {
      // The model needs at least one token, so the empty text is treated as a space.
      return tokens.length === 0 ? tokenizer.encode(' ') : tokens.slice(0, MAX_TOKENS);
    }
  }
}

function endOfWord(text: string, from: number): number {
  if (from >= text.length) return text.length;
  const space = text.indexOf(' ', from);
  const end = space === -1 ? text.length : space;
  return Math.min(end, MAX_WINDOW);
}
