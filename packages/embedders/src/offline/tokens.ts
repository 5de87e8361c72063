import type { SentenceModel } from './runtime.js';

/** The model reads so many tokens of a text and drops the rest. */
export const MAX_TOKENS = 128;

/** No 128 tokens are longer than this, save in a text that is mostly of characters the vocabulary lacks. */
const MAX_WINDOW = 4096;

/**
 * The first tokens of a text: what the model reads. The tokenizer takes time with the square of the length, so it is
 * given only a beginning of the text. No token spans a space, so a beginning that ends before a space has the very
 * tokens that the whole text begins with.
 */
export function firstTokens(tokenizer: SentenceModel['tokenizer'], text: string): readonly number[] {
  for (let window = 512; ; window *= 2) {
    const end = endOfWord(text, window);
    const tokens = tokenizer.encode(text.slice(0, end));
    if (tokens.length >= MAX_TOKENS || end === text.length || window >= MAX_WINDOW) {
      // The model needs at least one token: the empty text is read as a space.
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
