import type { Embedder } from '../embedding/embedder.js';
import type { StorageBackend } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import type { ReconcilePolicy } from '../ports/vector-index.js';
import type { Metric } from '../values/profile.js';

/** How a `DocumentStore` is opened. */
export interface DocumentStoreOptions extends CallOptions {
  /** Opened here, and closed with the store. */
  readonly backend: StorageBackend;
  /** Without one, or with one that is not available, pages are stored without vectors and searched by words. */
  readonly embedder?: Embedder | undefined;
  /** Default: see `resolveDimension`. */
  readonly dimension?: number | undefined;
  /** For a new store. Default: the first metric of the backend. */
  readonly metric?: Metric | undefined;
  /** What to do when the store was embedded with another model or dimension. Default `refuse`. */
  readonly onModelChange?: ReconcilePolicy | undefined;
  /** How long the embedding of a test text may take, in milliseconds. Default 10,000. */
  readonly probeTimeoutMs?: number | undefined;
}
