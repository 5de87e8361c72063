import { checkEmbedder } from '../embedding/check-embedder.js';
import { checkSpelling } from '../runtime/check-fields.js';
import { checkLimit } from '../runtime/validate.js';
import type { DocumentStoreOptions } from './open-options.js';
import { checkQueryLog } from './query-log.js';
import { checkRerank } from './rerank.js';

const MEMBERS = {
  backend: true,
  embedder: true,
  dimension: true,
  metric: true,
  onModelChange: true,
  probeTimeoutMs: true,
  rerank: true,
  queryLog: true,
  signal: true,
  deadline: true,
  epochs: true,
  operationId: true,
} satisfies Record<keyof DocumentStoreOptions, true>;

/**
 * Checks the options of `DocumentStore.open` before anything is opened.
 *
 * @throws TypeError that names the field.
 */
export function checkOpenOptions(options: DocumentStoreOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError('DocumentStore.open takes an object { backend, embedder }.');
  }
  checkSpelling(options, MEMBERS, 'options');
  const { backend, embedder, dimension, onModelChange, probeTimeoutMs, queryLog, rerank } = options;
  if (typeof backend?.open !== 'function' || typeof backend.apply !== 'function') {
    throw new TypeError(
      'backend must be a StorageBackend, such as createContainer(…).createBackend(…) returns.',
    );
  }
  // Null means none, since some applications use it.
  if (embedder !== undefined && embedder !== null) checkEmbedder(embedder);
  if (dimension !== undefined) checkLimit(dimension, 'dimension', 1);
  if (onModelChange !== undefined && onModelChange !== 'refuse' && onModelChange !== 'reset') {
    throw new TypeError(`onModelChange must be 'refuse' or 'reset', not ${String(onModelChange)}.`);
  }
  if (probeTimeoutMs !== undefined) checkLimit(probeTimeoutMs, 'probeTimeoutMs', 1);
  if (queryLog !== undefined) checkQueryLog(queryLog);
  if (rerank !== undefined && rerank !== null) checkRerank(rerank);
}
