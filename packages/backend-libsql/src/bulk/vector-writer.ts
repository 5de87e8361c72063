import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { ChunkId, EmbeddingProfile, VersionId } from '@switchyard/storage-core';
import { hasCodes } from '../vectors/codes/code-log.js';
import { appendToNewLog, finishLog } from '../vectors/codes/new-log.js';
import { bumpGeneration } from '../vectors/generations.js';
import { isUnscaledLength } from '../vectors/scale.js';

/** Number of vectors that one statement writes: some hundred kilobytes. */
const VECTORS_PER_STATEMENT = 128;

/** Number of vectors that the buffer holds at first. */
const INITIAL_CAPACITY = 1024;

/** ?2 is all vectors, end to end; each row of the list ?1 is the chunk, the version and the flag of one of them. */
const INSERT = `
  INSERT INTO main.document_vectors (document_id, version_id, unscaled, embedding)
  SELECT value ->> 0, value ->> 1, value ->> 2, substr(?2, key * ?3 + 1, ?3)
  FROM json_each(?1)`;

/** A vector of a {@link VectorWriter}. */
export interface NewVector {
  /** Chunk that the vector belongs to. */
  readonly id: ChunkId;
  /** Version of that chunk. */
  readonly versionId: VersionId;
  /** Components as float32, little-endian. Copied. */
  readonly bytes: Uint8Array;
  /** Euclidean length of the vector. */
  readonly length: number;
}

/**
 * Writes vectors of chunks that have none yet, together with their 8-bit codes, so that no vector is read again to
 * compute its code. Call {@link finishVectors} once all vectors of a version are written.
 */
export class VectorWriter {
  readonly #profile: EmbeddingProfile;
  readonly #bytesPerVector: number;
  #rows: (readonly [id: ChunkId, versionId: VersionId, unscaled: 0 | 1])[] = [];
  #vectors = new Uint8Array(0);

  /** @param profile Profile of the store. */
  constructor(profile: EmbeddingProfile) {
    this.#profile = profile;
    this.#bytesPerVector = profile.dimension * Float32Array.BYTES_PER_ELEMENT;
  }

  /** Adds a vector to the next {@link write}. */
  add({ id, versionId, bytes, length }: NewVector): void {
    const at = this.#rows.length * this.#bytesPerVector;
    if (at + this.#bytesPerVector > this.#vectors.length) {
      const larger = new Uint8Array(
        Math.max(INITIAL_CAPACITY * this.#bytesPerVector, 2 * this.#vectors.length),
      );
      larger.set(this.#vectors);
      this.#vectors = larger;
    }
    this.#vectors.set(bytes, at);
    this.#rows.push([id, versionId, isUnscaledLength(length) ? 1 : 0]);
  }

  /** Writes the added vectors. Must run in a write transaction. */
  write(driver: SqliteDriver): void {
    for (let from = 0; from < this.#rows.length; from += VECTORS_PER_STATEMENT) {
      const rows = this.#rows.slice(from, from + VECTORS_PER_STATEMENT);
      const start = from * this.#bytesPerVector;
      const vectors = this.#vectors.subarray(start, start + rows.length * this.#bytesPerVector);
      driver.run(INSERT, [JSON.stringify(rows), vectors, this.#bytesPerVector]);
    }
    if (hasCodes(this.#profile)) this.#writeCodes(driver);
    this.#rows = [];
  }

  #writeCodes(driver: SqliteDriver): void {
    const { dimension } = this.#profile;
    const vectors = new Float32Array(this.#vectors.buffer, 0, this.#rows.length * dimension);
    for (const versionId of new Set(this.#rows.map(([, version]) => version))) {
      const places: number[] = [];
      const ids: ChunkId[] = [];
      for (const [place, [id, version]] of this.#rows.entries()) {
        if (version !== versionId) continue;
        places.push(place);
        ids.push(id);
      }
      appendToNewLog(driver, this.#profile, versionId, ids, pick(vectors, places, dimension));
    }
  }
}

/**
 * Completes the vectors of a version that a {@link VectorWriter} wrote: until then, searches do not see all of them. Must
 * run in a write transaction.
 */
export function finishVectors(driver: SqliteDriver, profile: EmbeddingProfile, versionId: VersionId): void {
  if (hasCodes(profile)) finishLog(driver, profile, versionId);
  else bumpGeneration(driver, versionId);
}

/** Returns some rows of packed vectors; the vectors themselves if all rows are wanted. */
function pick(vectors: Float32Array, rows: readonly number[], dimension: number): Float32Array {
  if (rows.length * dimension === vectors.length) return vectors;
  const picked = new Float32Array(rows.length * dimension);
  for (const [index, row] of rows.entries())
    picked.set(vectors.subarray(row * dimension, (row + 1) * dimension), index * dimension);
  return picked;
}
