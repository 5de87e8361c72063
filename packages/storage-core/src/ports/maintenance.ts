import type { ChunkId } from '../values/ids.js';

/** One difference between an index and its chunks. */
export interface AuditProblem {
  /**
   * `missing`: a chunk is not in the index. `orphan`: an entry without a chunk. `unusable`: the stored value of a chunk
   * is not a vector of this store. `damaged`: the index contradicts itself.
   */
  readonly kind: 'missing' | 'orphan' | 'unusable' | 'damaged';
  /** Affected chunk; null if the problem does not concern a single chunk. */
  readonly chunkId: ChunkId | null;
  /** Description for people. */
  readonly detail: string;
}

/** Result of an audit. */
export interface AuditReport {
  /** Number of chunks compared with the index: all of the store, including those without a vector or text. */
  readonly checked: number;
  /** Problems found; empty for a sound index. */
  readonly problems: readonly AuditProblem[];
}
