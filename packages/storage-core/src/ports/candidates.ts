import type { FusedHit, FusionOptions } from '../search/fusion.js';
import type { ChunkFilter } from '../values/chunk-filter.js';
import type { ChunkId, VersionId, VersionRef } from '../values/ids.js';
import type { ChunkRecord } from '../values/records.js';
import type { SearchMode } from './capabilities.js';
import type { ContextOptions, Relatives } from './catalog.js';
import type { FtsHit, FtsQuery } from './fts-index.js';
import type { VectorHit } from './vector-index.js';

/** Request for both lists of a hybrid search. */
export interface CandidateRequest {
  /** Versions to search as if they were one. Unknown and repeated ones contribute nothing. */
  readonly versions: readonly VersionRef[];
  /** Restricts both lists, before their limits. Capability `filters`. */
  readonly filter?: ChunkFilter | undefined;
  /** Query vector, and the maximum number of nearest chunks to return; null searches by full text only. */
  readonly vector: {
    readonly values: Float32Array;
    readonly limit: number;
    readonly mode?: SearchMode | undefined;
    /** See `VectorQuery.model`. */
    readonly model?: string | null | undefined;
  } | null;
  /** Search terms, and the maximum number of matches to return. */
  readonly fts: Omit<FtsQuery, 'version' | 'filter'>;
  /** Fusion of both lists, and the maximum number of fused hits to return. */
  readonly fusion: FusionOptions & { readonly limit: number };
  /** Relatives to return with the fused hits. Default: none. */
  readonly context?: ContextOptions | undefined;
}

/** Response to a {@link CandidateRequest}. */
export interface Candidates {
  /** Id of each requested version, in order; null if no version has the names. A given id may be unknown. */
  readonly versionIds: readonly (VersionId | null)[];
  /** Nearest chunks by ascending distance, ties by id. */
  readonly vector: readonly VectorHit[];
  /** Full-text matches by descending score, ties by id. */
  readonly fts: readonly FtsHit[];
  /** Chunks in either list that only provide structure. */
  readonly structural: readonly ChunkId[];
  /** Best hits of both lists without structural chunks, as `fuse()` returns them, up to the limit of the fusion. */
  readonly fused: readonly FusedHit[];
  /** Rows of fused hits that the backend could return in the same round trip. The caller fetches missing ones. */
  readonly rows: readonly ChunkRecord[];
  /**
   * Fused hits with their relatives that the backend could return in the same round trip, if the request has a context.
   * The caller fetches missing ones.
   */
  readonly relatives?: readonly Relatives[] | undefined;
}
