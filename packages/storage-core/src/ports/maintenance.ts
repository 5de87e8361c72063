import type { ChunkId } from '../values/ids.js';

/** One difference between an index and the chunks it should hold. */
export interface AuditProblem {
  /**
   * `missing`: a chunk is not in the index. `orphan`: an entry without chunk. `unusable`: what is stored for a chunk
   * is no vector of this store. `damaged`: the index contradicts itself.
   */
  readonly kind: 'missing' | 'orphan' | 'unusable' | 'damaged';
  /** Chunk concerned; null when the problem belongs to no single chunk. */
  readonly chunkId: ChunkId | null;
  /** Description for people. */
  readonly detail: string;
}

/** Result of an audit. */
export interface AuditReport {
  /** Chunks the index was compared with: all of the store, including those without a vector or without text. */
  readonly checked: number;
  /** Problems found; empty for a sound index. */
  readonly problems: readonly AuditProblem[];
}
