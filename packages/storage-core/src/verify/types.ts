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
  /** Rows of a store may be hidden by damage, so that what was compared may lack them. */
  | 'damage';

/** One difference of two stores. Places that only one of them has name that one. */
export interface StoreDifference {
  /** Kind of the difference. */
  readonly kind: DifferenceKind;
  /** Such as `fastify@5.6.0`, or empty for what concerns the whole store. */
  readonly version: string;
  /** The page or chunk, or the text of the search; empty for what concerns the whole store. */
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

/** A version of either store; null in the one that lacks it. */
export interface VerifiedVersion {
  /** Name of the library. */
  readonly library: string;
  /** Name of the version; empty for the unversioned one. */
  readonly version: string;
  /** True when no difference was found in this version. */
  readonly equal: boolean;
  /** Totals in the first store; null when it lacks the version. */
  readonly a: VersionTotals | null;
  /** Totals in the second store; null when it lacks the version. */
  readonly b: VersionTotals | null;
}

/** Result of a verification. */
export interface VerifyResult {
  /** True when no difference was found. */
  readonly equal: boolean;
  /** True when every column of every record was compared, and not only those in the digests. */
  readonly deep: boolean;
  /** Versions of both stores. */
  readonly versions: readonly VerifiedVersion[];
  /** Embedding profile of each store; null where it has none. */
  readonly profiles: { readonly a: EmbeddingProfile | null; readonly b: EmbeddingProfile | null };
  /** SHA-256 over the versions of each store. */
  readonly digests: { readonly a: string; readonly b: string };
  /** Searches that were made on both, and how many of them gave the same ranking. */
  readonly searches: { readonly made: number; readonly same: number };
  /**
   * Chunks of each store for which an index beside the vectors holds another vector than theirs; what was compared is the
   * vector of the chunk, so that this alone is no difference. Null where it was not counted.
   */
  readonly disagreeing: { readonly a: number; readonly b: number } | null;
  /** The first differences; see `differenceCount` for all. */
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
  /** Chunks compared; one that is in one of the stores only counts half, here and in the total. */
  readonly chunks: number;
  /** Chunks to compare. */
  readonly totalChunks: number;
}

/** Options of {@link verifyStores}. */
export interface VerifyOptions extends CallOptions {
  /**
   * Compares without the engine's check of both stores, whose damage is a difference: an index may hide the same rows in
   * both. For callers that have checked them. Default false.
   */
  readonly unchecked?: boolean | undefined;
  /** Counts rows of an index that disagree with the vectors beside it, which reads that index. Default true. */
  readonly countDisagreeing?: boolean | undefined;
  /**
   * Also compares every column of libraries, versions, pages and chunks, makes more searches, and audits the indexes
   * that can be audited. Default false.
   */
  readonly deep?: boolean | undefined;
  /** Searches that are made on both, over all versions, from 0. Default 10, with `deep` 50. */
  readonly searches?: number | undefined;
  /** Maximum number of differences listed, from 1. Default 20. */
  readonly maxDifferences?: number | undefined;
  /** Pages read at once. Default 32. */
  readonly pagesPerBatch?: number | undefined;
  /** Called after each page. */
  readonly onProgress?: ((progress: VerifyProgress) => void) | undefined;
}
