import type { SearchMode, VersionId } from '@switchyard/storage-core';
import type { VectorHit } from '@switchyard/storage-core/backend';
import type { GenerationState } from './generations.js';
import type { VectorSpace } from './profile.js';

/** A search within one version. The vector was checked: it is finite and of the dimension of the space. */
export interface VectorSearch {
  readonly versionId: VersionId;
  readonly vector: Float32Array;
  /** From 1. */
  readonly limit: number;
  /** Default `exact`. A searcher that has no other way is exact in every mode. */
  readonly mode?: SearchMode | undefined;
  /** How far the version has come, where the caller has read it in the same transaction. */
  readonly generations?: GenerationState | undefined;
}

/**
 * A way to find the nearest vectors of a version, exactly unless another mode is asked for: ascending by the distance
 * that `distance()` of storage-core gives, equal ones by chunk id, also at the limit. Called inside a read transaction.
 */
export interface VectorSearcher {
  search(space: VectorSpace, request: VectorSearch): VectorHit[];
}
