import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { ChunkId, EmbeddingProfile, VersionId } from '@switchyard/storage-core';
import { hasCodes } from '../../vectors/codes/code-log.js';
import { appendToNewLog } from '../../vectors/codes/new-log.js';
import { isUnscaledLength } from '../../vectors/scale.js';
import type { FoundVector } from '../vectors/scan.js';

/** Vectors that one statement writes: some hundred kilobytes. */
const AT_ONCE = 128;

/** The vectors stand end to end; each row of the list says whose one is: chunk, version, and whether it is unscaled. */
const INSERT = `
  INSERT INTO main.document_vectors (document_id, version_id, unscaled, embedding)
  SELECT value ->> 0, value ->> 1, value ->> 2, substr(?2, key * ?3 + 1, ?3)
  FROM json_each(?1)`;

/** The vectors of one step, which are written with the 8-bit codes of them, so that none is read again for its codes. */
export class StepVectors {
  readonly #profile: EmbeddingProfile;
  readonly #bytesOfOne: number;
  #rows: (readonly [id: ChunkId, versionId: VersionId, unscaled: 0 | 1])[] = [];
  #vectors = new Uint8Array(0);

  constructor(profile: EmbeddingProfile) {
    this.#profile = profile;
    this.#bytesOfOne = profile.dimension * Float32Array.BYTES_PER_ELEMENT;
  }

  add({ id, versionId, bytes, length }: FoundVector): void {
    const at = this.#rows.length * this.#bytesOfOne;
    if (at + this.#bytesOfOne > this.#vectors.length) {
      const larger = new Uint8Array(Math.max(1024 * this.#bytesOfOne, 2 * this.#vectors.length));
      larger.set(this.#vectors);
      this.#vectors = larger;
    }
    this.#vectors.set(bytes, at);
    this.#rows.push([id, versionId, isUnscaledLength(length) ? 1 : 0]);
  }

  /** Writes them, into the transaction of the step. */
  write(driver: SqliteDriver): void {
    for (let from = 0; from < this.#rows.length; from += AT_ONCE) {
      const rows = this.#rows.slice(from, from + AT_ONCE);
      const start = from * this.#bytesOfOne;
      const vectors = this.#vectors.subarray(start, start + rows.length * this.#bytesOfOne);
      driver.run(INSERT, [JSON.stringify(rows), vectors, this.#bytesOfOne]);
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

/** Some rows of packed vectors, as they are where all are wanted. */
function pick(vectors: Float32Array, rows: readonly number[], dimension: number): Float32Array {
  if (rows.length * dimension === vectors.length) return vectors;
  const picked = new Float32Array(rows.length * dimension);
  for (const [index, row] of rows.entries())
    picked.set(vectors.subarray(row * dimension, (row + 1) * dimension), index * dimension);
  return picked;
}
