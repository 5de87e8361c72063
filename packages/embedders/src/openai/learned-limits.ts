import { estimateTokens, type StatedLimits, statedLimits } from './stated-limits.js';

/** Safety factor for the limits, since token estimates are rough. */
const MARGIN = 0.95;

/**
 * Limits of an endpoint, learned from its error responses. Texts that would be rejected together are not sent together:
 * the caller halves its batches until they fit, which costs no request.
 */
export class LearnedLimits {
  /** Maximum number of texts per request. */
  maxTexts = Number.POSITIVE_INFINITY;
  /** Maximum number of estimated tokens per text. */
  #textTokens = Number.POSITIVE_INFINITY;
  /** Maximum number of estimated tokens per request. */
  #requestTokens = Number.POSITIVE_INFINITY;

  /** Returns whether a request with these texts may succeed. A single text is always tried. */
  mayPass(texts: readonly string[]): boolean {
    if (texts.length <= 1) return true;
    if (texts.length > this.maxTexts) return false;
    const tokens = texts.map(estimateTokens);
    const all = tokens.reduce((sum, each) => sum + each, 0);
    return all <= this.#requestTokens && tokens.every((each) => each <= this.#textTokens);
  }

  /** Learns from the rejection of texts that were too many or too long. */
  refused(message: string, texts: readonly string[]): void {
    const stated: StatedLimits = statedLimits(message);
    const tokens = texts.map(estimateTokens).reduce((sum, each) => sum + each, 0);
    if (stated.texts !== undefined) this.maxTexts = Math.min(this.maxTexts, stated.texts);
    if (stated.requestTokens !== undefined) {
      this.#requestTokens = Math.min(this.#requestTokens, Math.min(stated.requestTokens, tokens) * MARGIN);
    }
    if (stated.textTokens !== undefined) {
      this.#textTokens = Math.min(this.#textTokens, stated.textTokens * MARGIN);
    }
    // Whatever the message says, this single text was too long.
    if (texts.length === 1) this.#textTokens = Math.min(this.#textTokens, tokens * MARGIN);
  }

  /** Learns from a successful request: raises a limit that a single text exceeded. */
  passed(texts: readonly string[]): void {
    const [only] = texts;
    if (only !== undefined && texts.length === 1) {
      this.#textTokens = Math.max(this.#textTokens, estimateTokens(only));
    }
  }
}
