import type { ChunkId, VersionId } from '@switchyard/storage-core';
import type { GenerationState } from './generations.js';

/** A search within one version. The vector was checked: it is finite and of the dimension of the store. */
export interface VectorSearch {
  readonly versionId: VersionId;
  readonly vector: Float32Array;
  /** Maximum number of hits, from 1. */
  readonly limit: number;
  /** Chunks that may be hits; null for all. */
  readonly passing: ReadonlySet<ChunkId> | null;
  /** Read in the same transaction. */
  readonly generations: GenerationState;
}
