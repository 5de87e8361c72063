import type { Embedder } from '../embedding/embedder.js';
import type { StorageBackend } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import type { Metric } from '../values/profile.js';
import type { QueryLogOptions } from './query-log.js';
import type { Rerank } from './rerank.js';

/** Policy for a store that was embedded with another model: refuse with `STORAGE_MODEL_CHANGED`, or drop its vectors. */
export type ModelChangePolicy = 'refuse' | 'reset';

/** Options of `DocumentStore.open()`. */
export interface DocumentStoreOptions extends CallOptions {
  /** Backend of the store; opened here, and closed with the store. */
  readonly backend: StorageBackend;
  /**
   * Embeds pages and queries. If none is available, pages are stored without vectors and searched by full text only.
   */
  readonly embedder?: Embedder | undefined;
  /**
   * Dimension of the vectors: above that of the model, vectors are padded with zeros; below it, they are cut, which only
   * a `truncatable` embedder allows. Default: see `resolveDimension`.
   */
  readonly dimension?: number | undefined;
  /**
   * Metric of a new store. Default `l2`, or the first metric of a backend without it. An existing store keeps its metric
   * if none is given. Vectors of length 1 rank alike by both; for others, choose the one the model was trained for.
   */
  readonly metric?: Metric | undefined;
  /** Policy for a store that was embedded with another model or dimension. Default `refuse`. */
  readonly onModelChange?: ModelChangePolicy | undefined;
  /** Timeout for embedding a test text, in milliseconds. Default 10,000. */
  readonly probeTimeoutMs?: number | undefined;
  /** Reranks the hits of every search that does not say otherwise. Default: none. */
  readonly rerank?: Rerank | undefined;
  /**
   * Records searches in a file, to replay them with `switchyard compare --log`: their texts, but nothing of a document.
   * Leaves out searches in several versions, with a filter or a reranker, which a replay could not repeat.
   * Default: nothing is recorded.
   */
  readonly queryLog?: QueryLogOptions | undefined;
}
