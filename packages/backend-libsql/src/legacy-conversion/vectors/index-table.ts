import type { SqliteDriver } from '@switchyard/sqlite-common';

const DECLARATION = `
  SELECT sql FROM legacy.sqlite_master WHERE type = 'table' AND name = 'documents_vec'`;

const HAS_ENTRIES = `
  SELECT 1 AS found FROM legacy.documents_vec_rowids LIMIT 1`;

/**
 * vec0 keeps vectors by chunks of some hundred slots: which slots are in use (a bitmap), the rowids (int64) and the
 * vectors (float32) of all slots. All little-endian.
 */
const CHUNK_AFTER = `
  SELECT chunks.chunk_id, chunks.validity, chunks.rowids, vectors.vectors
  FROM legacy.documents_vec_chunks AS chunks
  JOIN legacy.documents_vec_vector_chunks00 AS vectors ON vectors.rowid = chunks.chunk_id
  WHERE chunks.chunk_id > ?1
  ORDER BY chunks.chunk_id
  LIMIT 1`;

/** The vector index of a legacy store. */
export interface VectorTable {
  /** What it is declared for; null when there is no such table. */
  readonly dimension: number | null;
  readonly empty: boolean;
}

/** Looks at the declaration of the vector index. */
export function readVectorTable(driver: SqliteDriver): VectorTable {
  const declaration = driver.first<{ sql: string }>(DECLARATION)?.sql;
  if (declaration === undefined) return { dimension: null, empty: true };
  const dimension = /\bembedding\s+float(?:32)?\s*\[\s*(\d+)\s*\]/i.exec(declaration)?.[1];
  return {
    dimension: dimension === undefined ? null : Number(dimension),
    empty: driver.first(HAS_ENTRIES) === undefined,
  };
}

/** Some slots of the index. */
export interface IndexChunk {
  readonly chunkId: number;
  /** The bytes of the vector of each row. Views of one block. */
  readonly vectors: ReadonlyMap<number, Uint8Array>;
}

interface StoredChunk {
  readonly chunk_id: number;
  readonly validity: Uint8Array;
  readonly rowids: Uint8Array;
  readonly vectors: Uint8Array;
}

/** The next chunk of the index; null after the last. It is read as a whole: some megabytes. */
export function readIndexChunk(driver: SqliteDriver, after: number, dimension: number): IndexChunk | null {
  const stored = driver.first<StoredChunk>(CHUNK_AFTER, [after]);
  if (stored === undefined) return null;
  const { validity, rowids, vectors } = stored;
  const size = dimension * Float32Array.BYTES_PER_ELEMENT;
  const ids = new DataView(rowids.buffer, rowids.byteOffset, rowids.byteLength);
  const found = new Map<number, Uint8Array>();
  const slots = Math.min(validity.length * 8, Math.floor(rowids.length / 8), Math.floor(vectors.length / size));
  for (let slot = 0; slot < slots; slot++) {
    if ((((validity[slot >> 3] as number) >> (slot & 7)) & 1) === 0) continue;
    found.set(Number(ids.getBigInt64(slot * 8, true)), vectors.subarray(slot * size, (slot + 1) * size));
  }
  return { chunkId: stored.chunk_id, vectors: found };
}
