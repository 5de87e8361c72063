import { isFiniteVector, lengthOf } from '@switchyard/backend-libsql/bulk';
import { integer, type SqliteDriver } from '@switchyard/sqlite-common';
import type { ProblemSink } from '../problems.js';
import { type IndexChunk, type IndexOwner, readIndexChunk } from './index-table.js';
import { readEmbedding } from './read-embedding.js';

/** Chunks whose embeddings are read at once: some megabytes of text. */
const BATCH = 128;

/** Bytes are read as they are stored, in the encoding of the file. */
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

/** What the index did not settle: `main.document_vectors` has what it did. */
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
  /** Null where the vector of the chunk stands in the index alone. */
  readonly embedding: Uint8Array | null;
}

/** A vector of a legacy store that can be used. Its bytes are valid until the next one is handed over. */
export interface FoundVector {
  readonly id: number;
  readonly versionId: number;
  /** Little-endian float32. */
  readonly bytes: Uint8Array;
  /** The Euclidean length. */
  readonly length: number;
}

/** Where the vectors of a legacy store go. */
export interface VectorSink {
  vector(vector: FoundVector): void;
  readonly problem: ProblemSink;
  /** Told of every batch: chunks looked at and bytes of text read. */
  progress(chunks: number, bytes: number): void;
}

/**
 * Reads every embedding of a legacy store and compares it with what the index holds. Where both agree, the bytes of the
 * index are handed over. Where nothing stands beside the text, what the index has under the chunk's own version is its
 * vector.
 */
export class VectorScan {
  readonly #driver: SqliteDriver;
  readonly #scratch: Float32Array;
  readonly #scratchBytes: Uint8Array;
  readonly #sink: VectorSink;
  /** Chunks that the index has, whatever it holds for them; for telling a missing entry from a different one. */
  readonly #isIndexed: (id: number) => boolean;

  constructor(driver: SqliteDriver, dimension: number, sink: VectorSink, isIndexed: (id: number) => boolean) {
    this.#driver = driver;
    this.#scratch = new Float32Array(dimension);
    this.#scratchBytes = new Uint8Array(this.#scratch.buffer);
    this.#sink = sink;
    this.#isIndexed = isIndexed;
  }

  /**
   * Settles the chunks that stand in the next part of the index.
   *
   * @returns Where to go on; null after the last part.
   */
  nextIndexed(after: number): number | null {
    const part = readIndexChunk(this.#driver, after, this.#scratch.length);
    if (part === null) return null;
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
   * Settles the next chunks that the index did not: it lacks them, or holds something else for them.
   *
   * @returns Where to go on; null after the last chunk.
   */
  nextRemaining(after: number): number | null {
    const rows = this.#driver.all<StoredEmbeddingRow>(REMAINING, [after, BATCH]);
    let bytes = 0;
    for (const row of rows) {
      const { vector, fault } = readEmbedding(row.embedding, row.is_text === 1, this.#scratch);
      bytes += row.embedding.length;
      const indexed = this.#isIndexed(row.id);
      if (vector === null) {
        const older = indexed ? ' The index holds another vector, which was not taken.' : '';
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
          ? 'The index holds another vector than the chunk; the vector of the chunk was taken.'
          : 'The index lacks the chunk; the vector of the chunk was taken.',
      });
      this.#take(row, this.#scratchBytes);
    }
    this.#sink.progress(rows.length, bytes);
    return rows.length < BATCH ? null : (rows.at(-1)?.id ?? null);
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
      const detail = `The vector has the length ${length.toPrecision(6)}; those of this store have 1. It is kept.`;
      this.#sink.problem({ kind: 'vector-not-normalized', table: 'documents', id, detail });
    }
    this.#sink.vector({ id, versionId, bytes, length });
  }
}

/** Whether a row of the index is filed where the page of its chunk belongs: a vector filed elsewhere is not its vector. */
export function isOwn(
  owner: IndexOwner | null,
  { library_id, version_id }: { readonly library_id: number; readonly version_id: number },
): boolean {
  if (owner === null) return false;
  const { libraryId, versionId } = owner;
  return versionId === version_id && libraryId === library_id;
}

/** Models that normalize do so within some float32 roundings; this is far more. */
const UNIT_TOLERANCE = 1e-3;
