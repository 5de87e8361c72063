import type { ChunkId } from '../values/ids.js';
import type { EmbeddingProfile } from '../values/profile.js';
import type { ChunkMetadata } from '../values/records.js';
import type { CallOptions } from './call-options.js';
import type { ProfileRequest } from './vector-index.js';

/** Progress of a re-embedding. */
export interface StagingStatus {
  /** Profile of the staged vectors, which becomes that of the store. */
  readonly profile: EmbeddingProfile;
  /** Number of finished chunks: with a staged vector, or given up. */
  readonly staged: number;
  /** Number of chunks that were given up and will have no vector. */
  readonly givenUp: number;
  /** Number of chunks in the store. */
  readonly total: number;
}

/** Request for the next unfinished chunks. */
export interface MissingRequest {
  /** Last chunk id already seen; 0 or absent to start at the beginning. */
  readonly after?: ChunkId | undefined;
  /** Maximum number of chunks, from 1. */
  readonly limit: number;
}

/** An unfinished chunk, with the parts of the text to embed: see {@link embeddingText}. */
export interface UnstagedChunk {
  /** Id of the chunk. */
  readonly chunkId: ChunkId;
  /** Text of the chunk. */
  readonly content: string;
  /** Metadata of the chunk, which is embedded with its text. */
  readonly metadata: ChunkMetadata;
  /** URL and title of the page, which are embedded with the text. */
  readonly page: { readonly url: string; readonly title: string | null };
}

/** The new vector of a chunk. */
export interface StagedVector {
  /** Id of the chunk. */
  readonly chunkId: ChunkId;
  /** Components of the vector; null gives up on the chunk, which then has no vector. */
  readonly values: Float32Array | null;
}

/** Vectors to stage. */
export interface StageRequest {
  /** Profile returned by {@link VectorStaging.begin}, so that vectors of different models are not mixed. */
  readonly profile: EmbeddingProfile;
  /** Vectors to stage; null marks a chunk as done without one. */
  readonly vectors: readonly StagedVector[];
}

/** Result of {@link VectorStaging.commit}. */
export interface StagingResult {
  /** Profile of the store now. */
  readonly profile: EmbeddingProfile;
  /** Previous profile; null if there was none. */
  readonly previous: EmbeddingProfile | null;
  /** Number of chunks that now have a vector. */
  readonly vectors: number;
  /** Number of chunks that were given up and have none. */
  readonly givenUp: number;
}

/**
 * Capability `reembedding`: stages vectors of another model beside those of the store, and replaces all of them at once
 * when every chunk is finished. Until then, searches and writes use the old ones. Staged vectors outlive the process if
 * the store does; deleting a chunk deletes its staged vector, and a rewritten chunk becomes unfinished. {@link reembed}
 * is the job that uses it.
 */
export interface VectorStaging {
  /**
   * Begins staging, or resumes it with the same profile. The current profile of the store is allowed, too: all vectors
   * are then replaced by new ones of the same model.
   *
   * @throws StorageError `STORAGE_STAGING_CONFLICT` if vectors of another profile are staged; `STORAGE_NOT_SUPPORTED`
   * for a metric or dimension outside the capabilities.
   */
  begin(profile: ProfileRequest, options?: CallOptions): Promise<StagingStatus>;
  /** Returns the progress; null if nothing is staged. */
  status(options?: CallOptions): Promise<StagingStatus | null>;
  /**
   * Returns the next unfinished chunks by id. Large chunks may reduce their number below the limit; an empty list means
   * that no more follow.
   *
   * @throws StorageError `STORAGE_STAGING_MISSING`.
   */
  missing(request: MissingRequest, options?: CallOptions): Promise<readonly UnstagedChunk[]>;
  /**
   * Stages vectors, replacing earlier ones of the same chunks. Skips chunks that no longer exist. Checks everything
   * before anything is staged.
   *
   * @throws StorageError `STORAGE_STAGING_MISSING`, `STORAGE_STAGING_CONFLICT`, `STORAGE_INVALID_VECTOR`,
   * `STORAGE_DIMENSION_MISMATCH`.
   */
  stage(request: StageRequest, options?: CallOptions): Promise<void>;
  /**
   * Replaces all vectors of the store and its profile with the staged ones in one transaction, and ends the staging.
   * Does not affect full-text search.
   *
   * @throws StorageError `STORAGE_STAGING_INCOMPLETE`, with the number of unfinished chunks, without changing anything;
   * `STORAGE_STAGING_MISSING`; `STORAGE_STAGING_CONFLICT` if another profile is staged.
   */
  commit(profile: EmbeddingProfile, options?: CallOptions): Promise<StagingResult>;
  /** Discards everything staged. @returns True if there was anything. */
  abort(options?: CallOptions): Promise<boolean>;
}
