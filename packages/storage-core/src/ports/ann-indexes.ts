import type { VersionRef } from '../values/ids.js';
import type { CallOptions } from './call-options.js';
import type { AuditReport } from './maintenance.js';

/** Estimated cost of an approximate index of a version. The actual time and space depend on the vectors. */
export interface AnnIndexEstimate {
  /** Vectors of the version. Of equal ones, only one enters the index. */
  readonly vectors: number;
  /** Approximate maximum size on disk, in bytes. */
  readonly bytes: number;
  /** Processor time of building it, in seconds. Writers wait as long. */
  readonly seconds: number;
  /** Warnings to read before it is built, a sentence each. */
  readonly hazards: readonly string[];
  /** True when the version already has one. */
  readonly built: boolean;
}

/** Approximate indexes for the search mode `diskann`, one a version, built only when asked for. */
export interface AnnIndexes {
  /** Estimates the cost of building. Changes nothing. @throws StorageError `STORAGE_NOT_FOUND` for an unknown version. */
  estimate(version: VersionRef, options?: CallOptions): Promise<AnnIndexEstimate>;
  /**
   * Builds or rebuilds the index of a version.
   *
   * @throws StorageError `STORAGE_NOT_FOUND` for an unknown version or a store without vectors.
   */
  build(version: VersionRef, options?: CallOptions): Promise<void>;
  /** Drops the index of a version; false when there was none. */
  drop(version: VersionRef, options?: CallOptions): Promise<boolean>;
  /** Compares the index of a version with its vectors. @throws StorageError `STORAGE_NOT_FOUND` without an index. */
  audit(version: VersionRef, options?: CallOptions): Promise<AuditReport>;
}
