import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { ChunkId, EmbeddingProfile, VersionId } from '@switchyard/storage-core';
import { hasCodes } from '../../vectors/codes/code-log.js';
import { appendToNewLog } from '../../vectors/codes/new-log.js';
import type { FoundVector } from '../vectors/scan.js';

/** The vectors of one step, whose 8-bit codes are written with them, so that no vector is read again for its codes. */
export class StepCodes {
  readonly #profile: EmbeddingProfile;
  readonly #wanted: boolean;
  #ids: ChunkId[] = [];
  #versions: VersionId[] = [];
  #vectors = new Uint8Array(0);

  constructor(profile: EmbeddingProfile) {
    this.#profile = profile;
    this.#wanted = hasCodes(profile);
  }

  add({ id, versionId, bytes }: FoundVector): void {
    if (!this.#wanted) return;
    const at = this.#ids.length * bytes.length;
    if (at + bytes.length > this.#vectors.length) {
      const larger = new Uint8Array(Math.max(1024 * bytes.length, 2 * this.#vectors.length));
      larger.set(this.#vectors);
      this.#vectors = larger;
    }
    this.#vectors.set(bytes, at);
    this.#ids.push(id);
    this.#versions.push(versionId);
  }

  /** Writes the codes; into the transaction that writes the vectors. */
  write(driver: SqliteDriver): void {
    const { dimension } = this.#profile;
    const vectors = new Float32Array(this.#vectors.buffer, 0, this.#ids.length * dimension);
    for (const versionId of new Set(this.#versions)) {
      const rows = this.#versions.flatMap((version, row) => (version === versionId ? [row] : []));
      const ids = rows.map((row) => this.#ids[row] as ChunkId);
      appendToNewLog(driver, this.#profile, versionId, ids, pick(vectors, rows, dimension));
    }
    this.#ids = [];
    this.#versions = [];
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
