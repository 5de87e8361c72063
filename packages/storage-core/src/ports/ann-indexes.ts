import type { VersionRef } from '../values/ids.js';
import type { CallOptions } from './call-options.js';
import type { AuditReport } from './maintenance.js';

/** Estimated cost of an approximate index of a version. The actual time and space depend on the vectors. */
export interface AnnIndexEstimate {
  /** Number of vectors of the version. Equal vectors enter the index only once. */
  readonly vectors: number;
  /** Approximate maximum size on disk, in bytes. */
  readonly bytes: number;
  /** Processor time to build it, in seconds. Writers are blocked for this time. */
  readonly seconds: number;
  /** Warnings to read before building, one sentence each. */
  readonly hazards: readonly string[];
  /** True if the version already has one. */
  readonly built: boolean;
}

/** Approximate indexes for the search mode `diskann`, one per version, built only on request. */
export interface AnnIndexes {
  /** Estimates the cost of building. Changes nothing. @throws StorageError `STORAGE_NOT_FOUND` for an unknown version. */
  estimate(version: VersionRef, options?: CallOptions): Promise<AnnIndexEstimate>;
  /**
   * Builds or rebuilds the index of a version.
   *
   * @throws StorageError `STORAGE_NOT_FOUND` for an unknown version or a store without vectors.
   */
  build(version: VersionRef, options?: CallOptions): Promise<void>;
  /** Drops the index of a version. @returns False if there was none. */
  drop(version: VersionRef, options?: CallOptions): Promise<boolean>;
  /** Compares the index of a version with its vectors. @throws StorageError `STORAGE_NOT_FOUND` without an index. */
  audit(version: VersionRef, options?: CallOptions): Promise<AuditReport>;
}
