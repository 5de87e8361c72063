import type { CallOptions } from '../ports/call-options.js';
import type { EmbeddingProfile } from '../values/profile.js';

/** Kinds of difference between two stores. */
export type DifferenceKind =
  | 'profile'
  | 'library'
  | 'version'
  | 'count'
  | 'page'
  | 'chunk'
  | 'search'
  | 'audit'
  /** Damage may hide rows of a store, so that the comparison may lack them. */
  | 'damage';

/** One difference between two stores. Something that exists in only one of them is named as there. */
export interface StoreDifference {
  /** Kind of the difference. */
  readonly kind: DifferenceKind;
  /** Version, such as `fastify@5.6.0`; empty for the whole store. */
  readonly version: string;
  /** Page, chunk, or text of the search; empty for the whole store. */
  readonly place: string;
  /** Short description of both sides, for people. */
  readonly detail: string;
}

/** Totals of one version in one store. */
export interface VersionTotals {
  /** Number of pages. */
  readonly pages: number;
  /** Number of chunks. */
  readonly chunks: number;
  /** Number of chunks with a vector. */
  readonly vectors: number;
  /** SHA-256 over the digests of its pages, in order. */
  readonly digest: string;
}

/** A version in either store, or both. */
export interface VerifiedVersion {
  /** Name of the library. */
  readonly library: string;
  /** Name of the version; empty for the unversioned one. */
  readonly version: string;
  /** True if no difference was found in this version. */
  readonly equal: boolean;
  /** Totals in the first store; null if it lacks the version. */
  readonly a: VersionTotals | null;
  /** Totals in the second store; null if it lacks the version. */
  readonly b: VersionTotals | null;
}

/** Result of a verification. */
export interface VerifyResult {
  /** True if no difference was found. */
  readonly equal: boolean;
  /** True if every column of every record was compared, and not only those in the digests. */
  readonly deep: boolean;
  /** Versions of both stores. */
  readonly versions: readonly VerifiedVersion[];
  /** Embedding profile of each store; null if it has none. */
  readonly profiles: { readonly a: EmbeddingProfile | null; readonly b: EmbeddingProfile | null };
  /** SHA-256 over the versions of each store. */
  readonly digests: { readonly a: string; readonly b: string };
  /** Number of searches run on both stores, and of those with the same answer. */
  readonly searches: {
    readonly made: number;
    readonly same: number;
    /**
     * Compared part of the answers: `rankings` of the hits; `members`, the matching chunks in any order, if a store has a
     * full-text ranking of its own; `vectors`, the nearest chunks only, if a store has no full text.
     */
    readonly compared: 'rankings' | 'members' | 'vectors';
  };
  /**
   * Number of chunks of each store for which a separate index holds a different vector than theirs. The vectors of the
   * chunks were compared, so this alone is not a difference. Null if it was not counted.
   */
  readonly disagreeing: { readonly a: number; readonly b: number } | null;
  /** First differences; `differenceCount` counts all. */
  readonly differences: readonly StoreDifference[];
  /** Number of all differences, including those that `differences` leaves out. */
  readonly differenceCount: number;
}

/** Progress of a verification. */
export interface VerifyProgress {
  /** Name of the library being compared. */
  readonly library: string;
  /** Name of the version being compared; empty for the unversioned one. */
  readonly version: string;
  /** Number of compared chunks; a chunk in only one of the stores counts half, here and in the total. */
  readonly chunks: number;
  /** Number of chunks to compare. */
  readonly totalChunks: number;
}

/** Options of {@link verifyStores}. */
export interface VerifyOptions extends CallOptions {
  /**
   * Skips the engine's check of both stores, which reports damage as a difference because an index may hide the same
   * rows in both. For callers that have already checked them. Default false.
   */
  readonly unchecked?: boolean | undefined;
  /** Counts index entries that disagree with the vectors of their chunks, which reads that index. Default true. */
  readonly countDisagreeing?: boolean | undefined;
  /**
   * Also compares every column of libraries, versions, pages and chunks, runs more searches, and audits the indexes
   * that can be audited. Default false.
   */
  readonly deep?: boolean | undefined;
  /** Number of searches run on both stores, over all versions. Default 10, with `deep` 50. */
  readonly searches?: number | undefined;
  /** Maximum number of differences listed, from 1. Default 20. */
  readonly maxDifferences?: number | undefined;
  /** Number of pages read at once. Default 20. */
  readonly pagesPerBatch?: number | undefined;
  /** Called after each page. */
  readonly onProgress?: ((progress: VerifyProgress) => void) | undefined;
}
