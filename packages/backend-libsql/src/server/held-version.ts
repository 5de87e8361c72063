import type { SqliteDriver } from '@switchyard/sqlite-common';
import { textOf } from '@switchyard/sqlite-common';
import type { VersionId } from '@switchyard/storage-core';
import type { VectorHit } from '@switchyard/storage-core/backend';
import { CodeTable } from '@switchyard/vector-kernel';
import { fromBlob, isFiniteVector } from '../vectors/blob.js';
import { candidatesOf } from '../vectors/codes/candidates.js';
import { COUNT_VECTORS } from '../vectors/codes/code-statements.js';
import { KeptVectors } from '../vectors/kept-vectors.js';
import { type FetchedVectors, measureCandidates } from '../vectors/measure-candidates.js';
import type { VectorSpace } from '../vectors/profile.js';

/** A version in one state. */
export interface VersionState {
  readonly versionId: VersionId;
  /** See `GenerationState`. */
  readonly generation: number;
  /** Number of its vectors, without those of unusual length. */
  readonly vectors: number;
}

/** Vectors of a version after ?2, as one value; ?3 the limit. Returns the generation of the same state. */
const NEXT_VECTORS = `
  SELECT
    (SELECT generation FROM vector_generations WHERE version_id = ?1) AS generation,
    ${textOf('group_concat(id)', 'ids', 'document_vectors.document_id')},
    CAST(group_concat(embedding, '') AS BLOB) AS vectors
  FROM (
    SELECT document_id AS id, embedding
    FROM document_vectors
    WHERE version_id = ?1 AND document_id > ?2
    ORDER BY document_id
    LIMIT ?3
  )`;

interface NextRow extends FetchedVectors {
  readonly generation: number | null;
}

const FIRST_BYTES = 2 ** 18;
/** Far below the limits of a server: 5 MB for one value, 10 MB for an answer, in which a value grows by a third. */
const MAX_BYTES = 2 ** 21;
/** Time in milliseconds that one part should block the thread, in addition to the round trip. */
const TRANSFER_MS = 50;

/** All vectors of a version on a server, in memory: its nearest vectors are found without the server. */
export class HeldVersion {
  readonly state: VersionState;
  readonly space: VectorSpace;
  readonly #table: CodeTable;
  readonly #vectors: KeptVectors;

  private constructor(state: VersionState, space: VectorSpace, table: CodeTable, vectors: KeptVectors) {
    this.state = state;
    this.space = space;
    this.#table = table;
    this.#vectors = vectors;
  }

  /** Returns the size of a version in memory, in bytes. */
  static bytesFor({ dimension }: VectorSpace, vectors: number): number {
    // Codes have a byte per component, and some bytes more.
    return KeptVectors.bytesFor(dimension, vectors) + vectors * (dimension + 32);
  }

  get byteLength(): number {
    return HeldVersion.bytesFor(this.space, this.#table.count);
  }

  /**
   * Fetches a version in parts, with a turn of the event loop before each request.
   *
   * @param isWanted asked before each request; false ends it
   * @returns Null if the version has changed, contains something that is not a finite vector, or is no longer wanted.
   * @throws RangeError if there is not enough memory; StorageError.
   */
  static async load(
    driver: SqliteDriver,
    space: VectorSpace,
    state: VersionState,
    isWanted: () => boolean,
  ): Promise<HeldVersion | null> {
    const { dimension, metric } = space;
    const begin = performance.now();
    const count = driver.first<{ n: number }>(COUNT_VECTORS, [state.versionId])?.n ?? 0;
    // Counting takes little more than a round trip, which a larger part does not lengthen.
    const requestMs = performance.now() - begin + TRANSFER_MS;
    const table = new CodeTable({ dimension, metric, capacity: count });
    const vectors = new KeptVectors(space, count);
    const bytes = dimension * Float32Array.BYTES_PER_ELEMENT;
    let limit = Math.max(1, Math.floor(FIRST_BYTES / bytes));
    for (let after = 0; table.count < count; ) {
      await new Promise((resolve) => setImmediate(resolve));
      if (!isWanted()) return null;
      const start = performance.now();
      const row = driver.first<NextRow>(NEXT_VECTORS, [state.versionId, after, limit]);
      const took = performance.now() - start;
      const ids = Float64Array.from(row?.ids?.split(',') ?? [], Number);
      const packed = fromBlob(row?.vectors ?? null, ids.length * dimension);
      const last = ids.at(-1) ?? 0;
      if (row?.generation !== state.generation || packed === null || last <= after) return null;
      if (!isFiniteVector(packed) || !vectors.add(ids, packed)) return null;
      table.append([...ids], packed);
      after = last;
      limit = Math.ceil(limit * Math.min(4, Math.max(0.25, requestMs / Math.max(1, took))));
      limit = Math.min(limit, Math.max(1, Math.floor(MAX_BYTES / bytes)));
    }
    return new HeldVersion(state, space, table, vectors);
  }

  /** Returns the nearest vectors; null if they cannot be told from what is held. */
  nearest(query: Float32Array, limit: number): VectorHit[] | null {
    const candidates = candidatesOf(this.#table.scan(query, limit), limit);
    return measureCandidates(limit, candidates, (ids) => this.#vectors.distances(query, ids));
  }
}
