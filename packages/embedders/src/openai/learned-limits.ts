import { estimateTokens, type StatedLimits, statedLimits } from './stated-limits.js';

/** Estimates of tokens are rough: texts this near a limit may be over it. */
const MARGIN = 0.95;

/**
 * What an endpoint takes in one request, as far as its refusals have told. Texts that would be refused together are not
 * sent together: the caller cuts its batches until they fit, which costs no request.
 */
export class LearnedLimits {
  /** Texts in one request. */
  maxTexts = Number.POSITIVE_INFINITY;
  /** Estimated tokens of one text, and of all texts of a request. */
  #textTokens = Number.POSITIVE_INFINITY;
  #requestTokens = Number.POSITIVE_INFINITY;

  /** Whether a request of these texts may pass. One text alone is always tried: nothing but a request can tell. */
  mayPass(texts: readonly string[]): boolean {
    if (texts.length <= 1) return true;
    if (texts.length > this.maxTexts) return false;
    const tokens = texts.map(estimateTokens);
    const all = tokens.reduce((sum, each) => sum + each, 0);
    return all <= this.#requestTokens && tokens.every((each) => each <= this.#textTokens);
  }

  /** Learns from a refusal of texts that were too many or too long. */
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
    // Whatever the message says, this text was too long by itself.
    if (texts.length === 1) this.#textTokens = Math.min(this.#textTokens, tokens * MARGIN);
  }

  /** Learns that texts passed: an estimate that said otherwise was too high. */
  passed(texts: readonly string[]): void {
    const [only] = texts;
    if (only !== undefined && texts.length === 1) {
      this.#textTokens = Math.max(this.#textTokens, estimateTokens(only));
    }
  }
}
