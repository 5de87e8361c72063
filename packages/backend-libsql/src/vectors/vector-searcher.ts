import type { EmbeddingProfile, SearchMode, VectorHit, VersionId } from '@switchyard/storage-core';

/** A search within one version. The vector was checked: it is finite and of the dimension of the profile. */
export interface VectorSearch {
  readonly versionId: VersionId;
  readonly vector: Float32Array;
  /** From 1. */
  readonly limit: number;
  /** Default `exact`. A searcher that has no other way is exact in every mode. */
  readonly mode?: SearchMode | undefined;
}

/**
 * A way to find the nearest vectors of a version, exactly unless another mode is asked for: ascending by the distance that `distance()` of storage-core
 * gives, equal ones by chunk id, also at the limit. Called inside a read transaction.
 */
export interface VectorSearcher {
  search(profile: EmbeddingProfile, request: VectorSearch): VectorHit[];
}
