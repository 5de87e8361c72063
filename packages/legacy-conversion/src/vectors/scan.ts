import { isFiniteVector, lengthOf } from '@switchyard/backend-libsql/bulk';
import { integer, type SqliteDriver } from '@switchyard/sqlite-common';
import { lastKey } from '@switchyard/storage-core/backend';
import type { ProblemSink } from '../problems.js';
import { type IndexChunk, type IndexOwner, readIndexChunk } from './index-table.js';
import { readEmbedding } from './read-embedding.js';

/** Number of chunks whose embeddings are read at once, with some megabytes of text. */
const BATCH = 128;

/** Bytes are read as stored, in the encoding of the file. */
const EMBEDDINGS = `
  SELECT
    documents.id,
    versions.id AS version_id,
    ${integer('versions."library_id"', 'library_id')},
    typeof(documents.embedding) = 'text' AS is_text,
    CAST(documents.embedding AS BLOB) AS embedding
  FROM legacy.documents
  JOIN legacy.pages ON pages.id = documents.page_id
  JOIN legacy.versions ON versions.id = pages.version_id
  JOIN legacy.libraries ON libraries.id = versions."library_id"
  WHERE documents.id IN (SELECT value FROM json_each(?1))
  ORDER BY documents.id`;

/** Chunks not settled by the index: `main.document_vectors` has those that were. */
const REMAINING = `
  SELECT
    documents.id,
    versions.id AS version_id,
    typeof(documents.embedding) = 'text' AS is_text,
    CAST(documents.embedding AS BLOB) AS embedding
  FROM legacy.documents
  JOIN legacy.pages ON pages.id = documents.page_id
  JOIN legacy.versions ON versions.id = pages.version_id
  JOIN legacy.libraries ON libraries.id = versions."library_id"
  WHERE documents.embedding IS NOT NULL
    AND documents.id > ?1
    AND documents.id NOT IN (SELECT document_id FROM main.document_vectors)
  ORDER BY documents.id
  LIMIT ?2`;

interface StoredEmbeddingRow {
  readonly id: number;
  readonly version_id: number;
  readonly is_text: number;
  readonly embedding: Uint8Array;
}

interface IndexedRow extends Omit<StoredEmbeddingRow, 'embedding'> {
  readonly library_id: number;
  /** Null if the vector of the chunk exists only in the index. */
  readonly embedding: Uint8Array | null;
}

/** A usable vector of a legacy store. Its bytes are valid until the next one is passed. */
export interface FoundVector {
  readonly id: number;
  readonly versionId: number;
  /** Vector as little-endian float32. */
  readonly bytes: Uint8Array;
  /** Euclidean length of the vector. */
  readonly length: number;
}

/** Receives the vectors of a legacy store. */
export interface VectorSink {
  vector(vector: FoundVector): void;
  readonly problem: ProblemSink;
  /** Called after every batch with the number of chunks examined and bytes of text read. */
  progress(chunks: number, bytes: number): void;
}

/**
 * Reads every embedding of a legacy store and compares it with the index. If both agree, passes the bytes of the index.
 * Without a stored embedding, the entry under the chunk's own version is its vector.
 */
export class VectorScan {
  readonly #driver: SqliteDriver;
  readonly #scratch: Float32Array;
  readonly #scratchBytes: Uint8Array;
  readonly #sink: VectorSink;
  /** Returns true if the index has an entry of the chunk, to distinguish a missing entry from a different one. */
  readonly #isIndexed: (id: number) => boolean;

  constructor(driver: SqliteDriver, dimension: number, sink: VectorSink, isIndexed: (id: number) => boolean) {
    this.#driver = driver;
    this.#scratch = new Float32Array(dimension);
    this.#scratchBytes = new Uint8Array(this.#scratch.buffer);
    this.#sink = sink;
    this.#isIndexed = isIndexed;
  }

  /**
   * Settles the chunks in the next part of the index.
   *
   * @returns Position to continue after; null after the last part.
   */
  nextIndexed(after: number): number | null {
    const part = readIndexChunk(this.#driver, after, this.#scratch.length);
    if (part === null) return null;
    lastKey([part.chunkId], after, 'parts of the vector index');
    const ids = [...part.vectors.keys()].sort((a, b) => a - b);
    for (let from = 0; from < ids.length; from += BATCH) this.#settle(part, ids.slice(from, from + BATCH));
    return part.chunkId;
  }

  #settle(part: IndexChunk, ids: readonly number[]): void {
    const rows = this.#driver.all<IndexedRow>(EMBEDDINGS, [JSON.stringify(ids)]);
    let bytes = 0;
    let settled = 0;
    for (const row of rows) {
      const indexed = part.vectors.get(row.id);
      if (row.embedding === null) {
        if (indexed === undefined || !isOwn(part.owner(row.id), row)) continue;
        this.#scratchBytes.set(indexed);
        if (!isFiniteVector(this.#scratch)) continue;
        settled += 1;
        this.#take(row, indexed);
        continue;
      }
      const { vector } = readEmbedding(row.embedding, row.is_text === 1, this.#scratch);
      if (vector === null || indexed === undefined || Buffer.compare(indexed, this.#scratchBytes) !== 0)
        continue;
      bytes += row.embedding.length;
      settled += 1;
      const owner = part.owner(row.id);
      if (owner !== null && !isOwn(owner, row)) {
        const detail = `The index has the chunk in version ${owner.versionId}; it belongs to version ${row.version_id}.`;
        this.#sink.problem({ kind: 'index-misplaced', table: 'documents_vec', id: row.id, detail });
      }
      this.#take(row, indexed);
    }
    this.#sink.progress(settled, bytes);
  }

  /**
   * Settles the next chunks that the index did not settle, because it lacks them or has something else for them.
   *
   * @returns Id to continue after; null after the last chunk.
   */
  nextRemaining(after: number): number | null {
    const rows = this.#driver.all<StoredEmbeddingRow>(REMAINING, [after, BATCH]);
    const last = lastKey(
      rows.map(({ id }) => id),
      after,
      'chunks',
    );
    let bytes = 0;
    for (const row of rows) {
      const { vector, fault } = readEmbedding(row.embedding, row.is_text === 1, this.#scratch);
      bytes += row.embedding.length;
      const indexed = this.#isIndexed(row.id);
      if (vector === null) {
        const older = indexed ? ' The index has a different vector, which was not used.' : '';
        this.#sink.problem({
          kind: 'vector-unusable',
          table: 'documents',
          id: row.id,
          detail: `${fault}${older} The chunk is kept without a vector.`,
        });
        continue;
      }
      this.#sink.problem({
        kind: indexed ? 'index-differs' : 'index-missing',
        table: 'documents_vec',
        id: row.id,
        detail: indexed
          ? 'The index has a different vector; the stored embedding of the chunk was used.'
          : 'The index lacks the chunk; the stored embedding of the chunk was used.',
      });
      this.#take(row, this.#scratchBytes);
    }
    this.#sink.progress(rows.length, bytes);
    return rows.length < BATCH ? null : last;
  }

  #take(
    { id, version_id: versionId }: Pick<StoredEmbeddingRow, 'id' | 'version_id'>,
    bytes: Uint8Array,
  ): void {
    const length = lengthOf(this.#scratch);
    if (length === 0) {
      const detail = 'All components of the vector are zero. It is kept.';
      this.#sink.problem({ kind: 'vector-zero', table: 'documents', id, detail });
    } else if (Math.abs(length - 1) > UNIT_TOLERANCE) {
      const detail = `The vector has length ${length.toPrecision(6)}; others of this store have length 1. It is kept.`;
      this.#sink.problem({ kind: 'vector-not-normalized', table: 'documents', id, detail });
    }
    this.#sink.vector({ id, versionId, bytes, length });
  }
}

/**
 * Returns true if the index has a row under the version of the chunk's page; otherwise it is not the chunk's vector.
 */
export function isOwn(
  owner: IndexOwner | null,
  { library_id, version_id }: { readonly library_id: number; readonly version_id: number },
): boolean {
  if (owner === null) return false;
  const { libraryId, versionId } = owner;
  return versionId === version_id && libraryId === library_id;
}

/** Tolerance for normalized vectors: far more than some float32 roundings. */
const UNIT_TOLERANCE = 1e-3;
