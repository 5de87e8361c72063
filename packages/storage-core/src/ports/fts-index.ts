import type { ChunkId, VersionRef } from '../values/ids.js';
import type { CallOptions } from './call-options.js';
import type { AuditReport } from './maintenance.js';

/** Weights of a word by the column it occurs in. */
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

/** The weights of the ranking. */
export const defaultFtsWeights: FtsWeights = { content: 10, title: 1, url: 5, path: 1 };

/** A full-text search in one version. */
export interface FtsQuery {
  /** Version to search. */
  readonly version: VersionRef;
  /**
   * Words or phrases, as {@link parseSearchText} gives them; none of them is an operator. One term asks for that term.
   * Several ask for the phrase of all of them, or any of them.
   */
  readonly terms: readonly string[];
  /** Maximum number of hits; 0 returns none. */
  readonly limit: number;
  /** Default {@link defaultFtsWeights}. */
  readonly weights?: FtsWeights | undefined;
  /** Leaves out chunks that only give structure, before the limit is applied. Default false. */
  readonly excludeStructural?: boolean | undefined;
}

/** A chunk and how well it matches. */
export interface FtsHit {
  /** Id of the chunk. */
  readonly chunkId: ChunkId;
  /** −bm25 over the whole store: higher is better. */
  readonly score: number;
}

/** Words and the chunks they stand in: content, page title, page URL and heading path, with Porter stemming. */
export interface FtsIndex {
  /** The best matches, descending by score, equal scores by chunk id, also at the limit. */
  match(query: FtsQuery, options?: CallOptions): Promise<readonly FtsHit[]>;
  /** Rebuilds the index from the chunks. Capability `ftsMaintenance`. */
  rebuild(options?: CallOptions): Promise<void>;
  /** Compares the index with the chunks. Capability `ftsMaintenance`. */
  audit(options?: CallOptions): Promise<AuditReport>;
}
