import type { ChunkId, VersionRef } from '../values/ids.js';
import type { EmbeddingProfile, Metric } from '../values/profile.js';
import type { CallOptions } from './call-options.js';
import type { SearchMode } from './capabilities.js';
import type { AuditReport } from './maintenance.js';

/** A search for the nearest chunks of one version. */
export interface VectorQuery {
  /** Version to search. */
  readonly version: VersionRef;
  /** Exactly the dimension of the store, finite. */
  readonly vector: Float32Array;
  /** Maximum number of hits; 0 returns none. */
  readonly limit: number;
  /** Default `exact`. */
  readonly mode?: SearchMode | undefined;
  /**
   * The model that made the vector: a store that holds vectors of another one refuses the search with
   * `STORAGE_MODEL_CHANGED`, so that whoever has it open since before a change notices. Not looked at when null or not
   * given, or when the store does not know its model.
   */
  readonly model?: string | null | undefined;
}

/** A chunk and its distance from the query. */
export interface VectorHit {
  /** Id of the chunk. */
  readonly chunkId: ChunkId;
  /**
   * `l2`: the Euclidean distance, from 0. `cosine`: 1 − cosine similarity, 0 to 2; it is 1 when either vector has no
   * length.
   */
  readonly distance: number;
}

/** The profile a caller wants the store to have. */
export interface ProfileRequest {
  /** Null only for a copy of a store that does not know its model. */
  readonly model: string | null;
  /** Number of components, from 1. */
  readonly dimension: number;
  /** Default: the metric the store has; for a store without profile, the first of the backend's metrics. */
  readonly metric?: Metric | undefined;
}

/** Policy for a store embedded with another profile: refuse with `STORAGE_MODEL_CHANGED`, or drop all vectors. */
export type ReconcilePolicy = 'refuse' | 'reset';

/** Result of {@link VectorIndex.reconcile}. */
export interface ReconcileResult {
  /**
   * `unchanged`: the store has this profile. `adopted`: the store had no profile, or had vectors of this dimension and
   * metric whose model was never recorded; they are kept and are of this model from now on. `reset`: the store had
   * another profile, and all its vectors were dropped.
   */
  readonly outcome: 'unchanged' | 'adopted' | 'reset';
  /** Profile of the store now. */
  readonly profile: EmbeddingProfile;
  /** Profile before; null when there was none. */
  readonly previous: EmbeddingProfile | null;
  /** Number of vectors dropped; 0 unless the policy is `reset`. */
  readonly vectorsDropped: number;
}

/** Counts of the vectors of a store. */
export interface VectorStats {
  /** Vectors that can be found. */
  readonly indexed: number;
  /** Chunks for which the store holds no vector, not even one that cannot be used. */
  readonly without: number;
  /** Vectors that are in the store but cannot be used, such as those of another dimension; see the audit. */
  readonly unusable: number;
  /**
   * Chunks for which an index beside the vectors holds another vector, or holds theirs under another version; the vector
   * of the chunk is the one that counts. Absent where there are none, and where there is no such index.
   */
  readonly disagreeing?: number | undefined;
}

/** Stores and searches vectors. */
export interface VectorIndex {
  /** Returns the embedding profile of the store; null before the first {@link reconcile}. */
  profile(options?: CallOptions): Promise<EmbeddingProfile | null>;
  /**
   * Makes the store hold vectors of this model and dimension. Full text is never touched.
   *
   * A store whose vectors have no recorded model, as legacy stores below level 013, adopts the first model that is
   * asked for with the same dimension and metric, under either policy; another dimension or metric is a change.
   *
   * @throws StorageError `STORAGE_MODEL_CHANGED`, naming both, when the store has another profile and the policy is
   * `refuse`; `STORAGE_NOT_SUPPORTED` for a metric or dimension outside the capabilities.
   */
  reconcile(
    profile: ProfileRequest,
    policy: ReconcilePolicy,
    options?: CallOptions,
  ): Promise<ReconcileResult>;
  /**
   * The nearest chunks of a version, ascending by distance, equal distances by chunk id, also at the limit. A store
   * without profile and an unknown version have no hits.
   *
   * @throws StorageError `STORAGE_INVALID_VECTOR`, `STORAGE_DIMENSION_MISMATCH`.
   */
  nearest(query: VectorQuery, options?: CallOptions): Promise<readonly VectorHit[]>;
  /** Counts chunks with and without a usable vector. */
  stats(options?: CallOptions): Promise<VectorStats>;
  /** Rebuilds the index from the chunks. Capability `vectorMaintenance`. */
  rebuild(options?: CallOptions): Promise<void>;
  /** Compares the index with the chunks. Capability `vectorMaintenance`. */
  audit(options?: CallOptions): Promise<AuditReport>;
}
