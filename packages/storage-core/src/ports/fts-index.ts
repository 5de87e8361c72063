import type { ChunkFilter } from '../values/chunk-filter.js';
import type { ChunkId, VersionRef } from '../values/ids.js';
import type { CallOptions } from './call-options.js';
import type { AuditReport } from './maintenance.js';

/** Weights of the full-text columns in bm25. */
export interface FtsWeights {
  /** Weight of the chunk's text. */
  readonly content: number;
  /** Weight of the page's title. */
  readonly title: number;
  /** Weight of the page's URL. */
  readonly url: number;
  /** Weight of the headings above the chunk. */
  readonly path: number;
}

/** Default weights. */
export const defaultFtsWeights: FtsWeights = { content: 10, title: 1, url: 5, path: 1 };

/** A full-text search in one version. */
export interface FtsQuery {
  /** Version to search. */
  readonly version: VersionRef;
  /**
   * Words or phrases, as returned by {@link parseSearchText}; none of them is an operator. One term matches that term;
   * several match the phrase of all of them, or any of them.
   */
  readonly terms: readonly string[];
  /** Maximum number of hits; 0 returns none. */
  readonly limit: number;
  /** Weights of the columns. Default {@link defaultFtsWeights}. The ranking `own` may ignore them. */
  readonly weights?: FtsWeights | undefined;
  /** Excludes chunks that only provide structure, before the limit is applied. Default false. */
  readonly excludeStructural?: boolean | undefined;
  /** Restricts the search, before the limit is applied; scores do not change. Capability `filters`. */
  readonly filter?: ChunkFilter | undefined;
}

/** A matching chunk and its score. */
export interface FtsHit {
  /** Id of the chunk. */
  readonly chunkId: ChunkId;
  /** Higher is better: −bm25 over the whole store, or with the ranking `own` any finite number. */
  readonly score: number;
}

/** Full-text search over chunk content, page title, page URL and heading path, with Porter stemming. */
export interface FtsIndex {
  /** Returns the best matches by descending score, equal scores by chunk id, also at the limit. */
  match(query: FtsQuery, options?: CallOptions): Promise<readonly FtsHit[]>;
  /** Rebuilds the index from the chunks. Capability `ftsMaintenance`. */
  rebuild(options?: CallOptions): Promise<void>;
  /**
   * Compares the index with the chunks. Capability `ftsMaintenance`. Changes nothing, but may wait for a writer, and hold
   * one up, where the engine checks an index under the write lock.
   */
  audit(options?: CallOptions): Promise<AuditReport>;
}
