import type { ChunkId } from '../values/ids.js';
import type { EmbeddingProfile } from '../values/profile.js';
import type { ChunkMetadata } from '../values/records.js';
import type { CallOptions } from './call-options.js';
import type { ProfileRequest } from './vector-index.js';

/** Progress of the vectors that will replace those of a store. */
export interface StagingStatus {
  /** Profile of the staged vectors; becomes that of the store. */
  readonly profile: EmbeddingProfile;
  /** Chunks that are done: those with a staged vector and those given up. */
  readonly staged: number;
  /** Chunks that were given up: they will have no vector. */
  readonly givenUp: number;
  /** Chunks of the store. */
  readonly total: number;
}

/** Asks for the next chunks that are not done. */
export interface MissingRequest {
  /** The last chunk id already seen; 0 or absent to begin. */
  readonly after?: ChunkId | undefined;
  /** Maximum number of chunks, from 1. */
  readonly limit: number;
}

/** A chunk that is not done, with what its text to embed is made of: see {@link embeddingText}. */
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
  /** Null gives the chunk up: it is done, and will have no vector. */
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
  /** Profile before the switch; null when there was none. */
  readonly previous: EmbeddingProfile | null;
  /** Chunks that have a vector now. */
  readonly vectors: number;
  /** Chunks that were given up, and have none. */
  readonly givenUp: number;
}

/**
 * Capability `reembedding`: vectors of another model are gathered beside those of the store, and take their place at
 * once when every chunk has one. Until then every search, write and reader goes on with the old ones. What is staged
 * outlives the process, where the store does; a chunk that is deleted takes its staged vector with it, and one that is
 * rewritten counts as not done. {@link reembed} is the job that uses it.
 */
export interface VectorStaging {
  /**
   * Begins, or goes on with what was begun with the same profile. That of the store itself may be asked for too: it
   * then gets new vectors of it.
   *
   * @throws StorageError `STORAGE_STAGING_CONFLICT` when vectors of another profile are staged;
   * `STORAGE_NOT_SUPPORTED` for a metric or dimension outside the capabilities.
   */
  begin(profile: ProfileRequest, options?: CallOptions): Promise<StagingStatus>;
  /** Null when nothing was begun. */
  status(options?: CallOptions): Promise<StagingStatus | null>;
  /**
   * The next chunks that are not done, by id. Fewer than the limit may come where they are large; none means that
   * there is none after `after`.
   *
   * @throws StorageError `STORAGE_STAGING_MISSING`.
   */
  missing(request: MissingRequest, options?: CallOptions): Promise<readonly UnstagedChunk[]>;
  /**
   * Stages vectors, over those staged before. Chunks that are gone meanwhile are left out. Everything is checked
   * before anything is staged.
   *
   * @throws StorageError `STORAGE_STAGING_MISSING`, `STORAGE_STAGING_CONFLICT`, `STORAGE_INVALID_VECTOR`,
   * `STORAGE_DIMENSION_MISMATCH`.
   */
  stage(request: StageRequest, options?: CallOptions): Promise<void>;
  /**
   * Puts the staged vectors in the place of all vectors of the store, with their profile, in one transaction, and ends
   * the staging. Full text is not touched.
   *
   * @throws StorageError `STORAGE_STAGING_INCOMPLETE`, saying how many chunks are not done, and nothing is changed;
   * `STORAGE_STAGING_MISSING`, `STORAGE_STAGING_CONFLICT` when another profile than this one is staged.
   */
  commit(profile: EmbeddingProfile, options?: CallOptions): Promise<StagingResult>;
  /** Throws away what is staged. @returns Whether there was anything. */
  abort(options?: CallOptions): Promise<boolean>;
}
