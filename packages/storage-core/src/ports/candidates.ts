import type { FusionOptions } from '../search/fusion.js';
import type { ChunkId, VersionRef } from '../values/ids.js';
import type { ChunkRecord } from '../values/records.js';
import type { SearchMode } from './capabilities.js';
import type { FtsHit, FtsWeights } from './fts-index.js';
import type { VectorHit } from './vector-index.js';

/** Both lists of a hybrid search, asked for at once. */
export interface CandidateRequest {
  readonly version: VersionRef;
  readonly vector: {
    readonly values: Float32Array;
    readonly limit: number;
    readonly mode?: SearchMode | undefined;
    /** See `VectorQuery.model`. */
    readonly model?: string | null | undefined;
  };
  readonly words: {
    readonly terms: readonly string[];
    readonly limit: number;
    readonly weights?: FtsWeights | undefined;
  };
  /** How the caller is going to fuse the lists and how many results it keeps: tells which rows are worth sending. */
  readonly fusion: FusionOptions & { readonly limit: number };
}

/** The answer to a {@link CandidateRequest}. */
export interface Candidates {
  readonly vector: readonly VectorHit[];
  readonly words: readonly FtsHit[];
  /** Which of the chunks in either list only give structure. */
  readonly structural: readonly ChunkId[];
  /** Rows the backend could give in the same round trip. The caller fetches what it misses. */
  readonly rows: readonly ChunkRecord[];
}
