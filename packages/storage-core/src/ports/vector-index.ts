import type { ChunkFilter } from '../values/chunk-filter.js';
import type { ChunkId, VersionRef } from '../values/ids.js';
import type { EmbeddingProfile, Metric } from '../values/profile.js';
import type { CallOptions } from './call-options.js';
import type { SearchMode } from './capabilities.js';
import type { AuditReport } from './maintenance.js';

/** A search for the nearest chunks of one version. */
export interface VectorQuery {
  /** Version to search. */
  readonly version: VersionRef;
  /** Query vector with exactly the dimension of the store; all components finite. */
  readonly vector: Float32Array;
  /** Maximum number of hits; 0 returns none. */
  readonly limit: number;
  /** Search method. Default `exact`. */
  readonly mode?: SearchMode | undefined;
  /**
   * Restricts the search, before the limit is applied. Capability `filters`. An approximate index cannot filter, so a
   * filtered search is exact in every mode.
   */
  readonly filter?: ChunkFilter | undefined;
  /**
   * Model of the query vector: a store with vectors of another model rejects the search with `STORAGE_MODEL_CHANGED`,
   * so that programs which opened it before a change notice. Not checked if null or absent, or if the model of the
   * store is unknown.
   */
  readonly model?: string | null | undefined;
}

/** Question for vectors: see {@link VectorIndex.hasAny}. */
export interface VectorsQuery {
  /** Versions to look into. */
  readonly versions: readonly VersionRef[];
  /** See {@link VectorQuery.model}. */
  readonly model?: string | null | undefined;
}

/** A chunk and its distance from the query. */
export interface VectorHit {
  /** Id of the chunk. */
  readonly chunkId: ChunkId;
  /**
   * `l2`: Euclidean distance, from 0. `cosine`: 1 − cosine similarity, from 0 to 2; 1 if either vector has length zero.
   */
  readonly distance: number;
}

/** Requested profile of a store. */
export interface ProfileRequest {
  /** Model name; null only for a copy of a store whose model is unknown. */
  readonly model: string | null;
  /** Number of components, from 1. */
  readonly dimension: number;
  /** Metric. Default: that of the store; without a profile, the first one of the backend. */
  readonly metric?: Metric | undefined;
}

/**
 * Policy of {@link VectorIndex.reconcile}. `refuse`: reject another profile with `STORAGE_MODEL_CHANGED`.
 * `reset-if-changed`: drop all vectors if the store has another profile. `reset`: drop all vectors, whatever profile the
 * store has.
 */
export type ReconcilePolicy = 'refuse' | 'reset-if-changed' | 'reset';

/** Result of {@link VectorIndex.reconcile}. */
export interface ReconcileResult {
  /**
   * `unchanged`: the store has this profile. `adopted`: the store had no profile, or had vectors of this dimension and
   * metric without a recorded model; they are kept and recorded as vectors of this model. `reset`: the store had a
   * profile, and all its vectors were dropped.
   */
  readonly outcome: 'unchanged' | 'adopted' | 'reset';
  /** Profile of the store now. */
  readonly profile: EmbeddingProfile;
  /** Previous profile; null if there was none. */
  readonly previous: EmbeddingProfile | null;
  /** Number of vectors dropped. */
  readonly vectorsDropped: number;
}

/** Counts of the vectors of a store. */
export interface VectorStats {
  /** Number of vectors that can be found. */
  readonly indexed: number;
  /** Number of chunks without any stored vector, usable or not. */
  readonly without: number;
  /** Number of stored but unusable vectors, such as those of another dimension; see the audit. */
  readonly unusable: number;
  /**
   * Number of chunks for which a separate index holds a different vector, or theirs under another version; the vector
   * of the chunk counts. Absent if there are none, and without such an index.
   */
  readonly disagreeing?: number | undefined;
}

/** Stores and searches vectors. */
export interface VectorIndex {
  /** Returns the embedding profile of the store; null before the first {@link reconcile}. */
  profile(options?: CallOptions): Promise<EmbeddingProfile | null>;
  /**
   * Sets the model and dimension of the store's vectors. Does not affect full-text search.
   *
   * A store whose vectors have no recorded model, such as a legacy store below level 013, adopts the first requested
   * model with the same dimension and metric, unless the policy is `reset`; another dimension or metric is a change.
   *
   * @throws StorageError `STORAGE_MODEL_CHANGED`, naming both, if the store has another profile and the policy is
   * `refuse`; `STORAGE_NOT_SUPPORTED` for a metric or dimension outside the capabilities.
   */
  reconcile(
    profile: ProfileRequest,
    policy: ReconcilePolicy,
    options?: CallOptions,
  ): Promise<ReconcileResult>;
  /**
   * Returns the nearest chunks of a version by ascending distance, equal distances by chunk id, also at the limit. A
   * store without profile and an unknown version have no hits.
   *
   * @throws StorageError `STORAGE_INVALID_VECTOR`, `STORAGE_DIMENSION_MISMATCH`.
   */
  nearest(query: VectorQuery, options?: CallOptions): Promise<readonly VectorHit[]>;
  /**
   * Returns true if any of these versions has a vector that {@link nearest} can find. False without a profile and for
   * unknown versions. Asked before a query is embedded, which may cost money.
   *
   * @throws StorageError `STORAGE_MODEL_CHANGED` if the store has vectors of another model than the given one.
   */
  hasAny(query: VectorsQuery, options?: CallOptions): Promise<boolean>;
  /** Counts chunks with and without a usable vector. */
  stats(options?: CallOptions): Promise<VectorStats>;
  /** Rebuilds the index from the chunks. Capability `vectorMaintenance`. */
  rebuild(options?: CallOptions): Promise<void>;
  /** Compares the index with the chunks. Capability `vectorMaintenance`. */
  audit(options?: CallOptions): Promise<AuditReport>;
}
