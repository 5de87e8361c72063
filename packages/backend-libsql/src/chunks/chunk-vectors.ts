import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { ChunkId, EmbeddingProfile, VersionId } from '@switchyard/storage-core';
import { toBlob } from '../vectors/blob.js';
import { recordChanges } from '../vectors/codes/code-log.js';
import type { VectorChanges } from '../vectors/codes/vector-changes.js';
import { bumpGenerations, type GenerationState } from '../vectors/generations.js';
import { isUnscaled } from '../vectors/scale.js';
import * as sql from './chunk-statements.js';
import { rowBatches, rowValues } from './row-batches.js';

/** A vector to write. */
export interface VectorOfChunk {
  readonly id: ChunkId;
  readonly vector: Float32Array;
}

/** Writes the vectors of chunks, and records that those of a version changed. */
export interface ChunkVectors {
  insert(versionId: VersionId, vectors: readonly VectorOfChunk[]): void;
  /**
   * Records the changes of a transaction. Must run at its end.
   *
   * @param before returns the state of the version before the transaction
   */
  record(
    profile: EmbeddingProfile,
    versionId: VersionId,
    changes: VectorChanges,
    before: () => GenerationState,
  ): void;
  /** Called after the last {@link record}, for what is better written in one go. */
  finish?(): void;
}

/** Writes vectors and their codes to a database in this process. */
export class LocalChunkVectors implements ChunkVectors {
  readonly #driver: SqliteDriver;

  constructor(driver: SqliteDriver) {
    this.#driver = driver;
  }

  /** One statement per vector: SQLite copies the rows of a list once more, which costs more than statements save. */
  insert(versionId: VersionId, vectors: readonly VectorOfChunk[]): void {
    for (const { id, vector } of vectors) {
      this.#driver.run(sql.INSERT_VECTOR, [id, versionId, isUnscaled(vector) ? 1 : 0, toBlob(vector)]);
    }
  }

  record(
    profile: EmbeddingProfile,
    versionId: VersionId,
    changes: VectorChanges,
    before: () => GenerationState,
  ): void {
    if (!changes.isEmpty) recordChanges(this.#driver, profile, versionId, changes, before());
  }
}

/**
 * Writes vectors to a server, in few statements. Leaves the code log behind, since writing it may mean reading every
 * vector of a version; the next local writer rewrites it.
 */
export class RemoteChunkVectors implements ChunkVectors {
  readonly #driver: SqliteDriver;
  readonly #changed: VersionId[] = [];

  constructor(driver: SqliteDriver) {
    this.#driver = driver;
  }

  insert(versionId: VersionId, vectors: readonly VectorOfChunk[]): void {
    for (const { from, to } of rowBatches(vectors, sql.ROWS_AT_ONCE, ({ vector }) => vector.byteLength)) {
      const values = rowValues(1 + sql.ROWS_AT_ONCE * 3, [versionId]);
      let at = 1;
      for (const { id, vector } of vectors.slice(from, to)) {
        values[at++] = id;
        values[at++] = isUnscaled(vector) ? 1 : 0;
        values[at++] = toBlob(vector);
      }
      this.#driver.run(sql.INSERT_VECTORS, values);
    }
  }

  record(_profile: EmbeddingProfile, versionId: VersionId, changes: VectorChanges): void {
    if (!changes.isEmpty) this.#changed.push(versionId);
  }

  finish(): void {
    if (this.#changed.length > 0) bumpGenerations(this.#driver, this.#changed.splice(0));
  }
}
