import type { FtsIndex } from './fts-index.js';
import type { VectorIndex } from './vector-index.js';
import type { VectorStaging } from './vector-staging.js';

/**
 * Calls that a backend can have done elsewhere, such as in a child process, because each reads or writes every row of the
 * store in one snapshot or one transaction.
 */
export interface LongCalls {
  /** Returns true if a store of this size, in bytes, is so large that these calls are to be done elsewhere. */
  apply(bytes: number): boolean;
  /** Calls of the vector index. */
  readonly vectors: Pick<VectorIndex, 'stats' | 'audit' | 'rebuild'>;
  /** Calls of the full-text index. */
  readonly fts: Pick<FtsIndex, 'audit' | 'rebuild'>;
  /** See `VectorStaging.commit`. */
  readonly commitStaging: VectorStaging['commit'];
}
