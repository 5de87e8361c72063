import { checkLimit } from '../runtime/validate.js';
import type { Embedder } from './embedder.js';

/**
 * Checks an embedder when a store is opened: callers in plain JavaScript may pass anything, and mistakes would
 * otherwise only show with the first page.
 *
 * @throws TypeError that names the field.
 */
export function checkEmbedder(embedder: Embedder): void {
  if (typeof embedder !== 'object' || embedder === null) throw new TypeError('embedder must be an object.');
  const { model, available, dimension, truncatable, limits, embedQuery } = embedder;
  if (typeof model !== 'string' || model === '')
    throw new TypeError('embedder.model must be a non-empty string.');
  if (typeof available !== 'boolean') throw new TypeError('embedder.available must be true or false.');
  if (typeof embedder.embed !== 'function') throw new TypeError('embedder.embed must be a function.');
  if (embedQuery !== undefined && typeof embedQuery !== 'function') {
    throw new TypeError('embedder.embedQuery must be a function.');
  }
  if (truncatable !== undefined && typeof truncatable !== 'boolean') {
    throw new TypeError('embedder.truncatable must be true or false.');
  }
  if (dimension !== undefined) checkLimit(dimension, 'embedder.dimension', 1);
  if (limits === undefined) return;
  if (typeof limits !== 'object' || limits === null)
    throw new TypeError('embedder.limits must be an object { maxTexts, maxCharacters }.');
  checkBound(limits.maxTexts, 'embedder.limits.maxTexts');
  checkBound(limits.maxCharacters, 'embedder.limits.maxCharacters');
}

/** Infinity is allowed, for an embedder without a limit. */
function checkBound(bound: number | undefined, what: string): void {
  if (bound !== undefined && bound !== Number.POSITIVE_INFINITY) checkLimit(bound, what, 1);
}
