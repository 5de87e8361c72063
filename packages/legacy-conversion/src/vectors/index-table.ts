import { bytes, integer, type SqliteDriver, text } from '@switchyard/sqlite-common';

const DECLARATION = `
  SELECT ${text('sqlite_master.sql')} FROM legacy.sqlite_master WHERE type = 'table' AND name = 'documents_vec'`;

const HAS_ENTRIES = `
  SELECT 1 AS found FROM legacy.documents_vec_rowids LIMIT 1`;

/**
 * vec0 stores vectors in chunks of some hundred slots: which slots are in use (a bitmap), the rowids (int64) and the
 * vectors (float32) of all slots. All little-endian.
 *
 * CROSS JOIN and the plus keep SQLite from scanning all vectors to find those of one chunk: vec0's `rowid` column has
 * no type, and its index only serves values without one.
 */
const CHUNK_AFTER = `
  SELECT
    chunks.chunk_id,
    ${integer('chunks.partition00', 'library_id')},
    ${integer('chunks.partition01', 'version_id')},
    ${bytes('chunks.validity')},
    ${bytes('chunks.rowids')},
    ${bytes('vectors.vectors')}
  FROM legacy.documents_vec_chunks AS chunks
  CROSS JOIN legacy.documents_vec_vector_chunks00 AS vectors ON vectors.rowid = +chunks.chunk_id
  WHERE chunks.chunk_id > ?1
  ORDER BY chunks.chunk_id
  LIMIT 1`;

/** Before level 014, library and version are columns whose values are stored in separate tables. */
const UNDIVIDED_CHUNK_AFTER = `
  SELECT
    chunks.chunk_id,
    NULL AS library_id,
    NULL AS version_id,
    ${bytes('chunks.validity')},
    ${bytes('chunks.rowids')},
    ${bytes('vectors.vectors')}
  FROM legacy.documents_vec_chunks AS chunks
  CROSS JOIN legacy.documents_vec_vector_chunks00 AS vectors ON vectors.rowid = +chunks.chunk_id
  WHERE chunks.chunk_id > ?1
  ORDER BY chunks.chunk_id
  LIMIT 1`;

/** Values of both columns for the slots of a chunk: int64, little-endian, in the order of the declaration. */
const COLUMNS_OF_CHUNK = `
  SELECT
    ${bytes('(SELECT data FROM legacy.documents_vec_metadatachunks00 WHERE rowid = +?1)', 'libraries')},
    ${bytes('(SELECT data FROM legacy.documents_vec_metadatachunks01 WHERE rowid = +?1)', 'versions')}`;

const HAS_COLUMNS = `
  SELECT 1 AS found FROM legacy.sqlite_master WHERE name = 'documents_vec_metadatachunks01'`;

const PARTS_OF_VERSION = `
  SELECT chunk_id FROM legacy.documents_vec_chunks WHERE partition01 = ?1 ORDER BY chunk_id`;

const ALL_PARTS = `
  SELECT chunk_id FROM legacy.documents_vec_chunks ORDER BY chunk_id`;

const IS_PARTITIONED = `
  SELECT 1 AS found
  FROM pragma_table_info('documents_vec_chunks', 'legacy')
  WHERE name = 'partition01'`;

const PART_OF_ROW = `
  SELECT ${integer('chunk_id')} FROM legacy.documents_vec_rowids WHERE rowid = ?1`;

/** Declaration of the vector index of a legacy store. */
export interface VectorTable {
  /** Declared dimension; null if the table does not exist. */
  readonly dimension: number | null;
  readonly empty: boolean;
}

/** Reads the declaration of the vector index. */
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
  /** Version that all of them are searched under; null before level 014, where each row has its own. */
  readonly versionId: number | null;
  /** Bytes of the vector of each row. Views of one block. */
  readonly vectors: ReadonlyMap<number, Uint8Array>;
  /** Returns the version and library of a row in the index; null if the index does not record them. */
  owner(id: number): IndexOwner | null;
}

/** Library and version of a row in the index: searches find it only there. */
export interface IndexOwner {
  readonly libraryId: number;
  readonly versionId: number;
}

interface StoredChunk {
  readonly chunk_id: number;
  readonly library_id: number | null;
  readonly version_id: number | null;
  readonly validity: Uint8Array;
  readonly rowids: Uint8Array;
  readonly vectors: Uint8Array;
}

/** Parts of the index that may contain vectors of a version; before level 014 all of them. */
export function partsOfVersion(driver: SqliteDriver, versionId: number): readonly number[] {
  const rows = isPartitioned(driver)
    ? driver.all<{ chunk_id: number }>(PARTS_OF_VERSION, [versionId])
    : driver.all<{ chunk_id: number }>(ALL_PARTS);
  return rows.map(({ chunk_id }) => chunk_id);
}

/** Number of parts that an {@link IndexReader} caches, of some megabytes each. */
const KEPT = 2;

/** Reads single vectors of the index, and caches the most recently read parts. */
export class IndexReader {
  readonly #driver: SqliteDriver;
  readonly #dimension: number;
  readonly #parts = new Map<number, IndexChunk>();

  constructor(driver: SqliteDriver, dimension: number) {
    this.#driver = driver;
    this.#dimension = dimension;
  }

  /** Returns the bytes of the vector of a chunk; null if the index has none. */
  vector(id: number): Uint8Array | null {
    return this.#partOf(id)?.vectors.get(id) ?? null;
  }

  /** Returns the library and version under which the index has a chunk; null if it does not have it. */
  owner(id: number): IndexOwner | null {
    return this.#partOf(id)?.owner(id) ?? null;
  }

  #partOf(id: number): IndexChunk | null {
    for (const part of this.#parts.values()) if (part.vectors.has(id)) return part;
    const place = this.#driver.first<{ chunk_id: number }>(PART_OF_ROW, [id]);
    if (place === undefined) return null;
    const part = readIndexChunk(this.#driver, place.chunk_id - 1, this.#dimension);
    if (part === null) return null;
    for (const [oldest] of this.#parts) if (this.#parts.size >= KEPT) this.#parts.delete(oldest);
    this.#parts.set(part.chunkId, part);
    return part.vectors.has(id) ? part : null;
  }
}

/** Reads the next chunk of the index completely, some megabytes; null after the last one. */
export function readIndexChunk(driver: SqliteDriver, after: number, dimension: number): IndexChunk | null {
  const statement = isPartitioned(driver) ? CHUNK_AFTER : UNDIVIDED_CHUNK_AFTER;
  const stored = driver.first<StoredChunk>(statement, [after]);
  if (stored === undefined) return null;
  const { validity, rowids, vectors } = stored;
  const size = dimension * Float32Array.BYTES_PER_ELEMENT;
  const ids = new DataView(rowids.buffer, rowids.byteOffset, rowids.byteLength);
  const found = new Map<number, Uint8Array>();
  const slotOf = new Map<number, number>();
  const slots = Math.min(
    validity.length * 8,
    Math.floor(rowids.length / 8),
    Math.floor(vectors.length / size),
  );
  for (let slot = 0; slot < slots; slot++) {
    if ((((validity[slot >> 3] as number) >> (slot & 7)) & 1) === 0) continue;
    const id = Number(ids.getBigInt64(slot * 8, true));
    found.set(id, vectors.subarray(slot * size, (slot + 1) * size));
    slotOf.set(id, slot);
  }
  const ownerOfSlot = readOwners(driver, stored);
  return {
    chunkId: stored.chunk_id,
    versionId: stored.version_id,
    vectors: found,
    owner(id) {
      const slot = slotOf.get(id);
      return slot === undefined ? null : ownerOfSlot(slot);
    },
  };
}

function readOwners(
  driver: SqliteDriver,
  { chunk_id, library_id, version_id }: StoredChunk,
): (slot: number) => IndexOwner | null {
  if (library_id !== null && version_id !== null) {
    return () => ({ libraryId: library_id, versionId: version_id });
  }
  if (driver.first(HAS_COLUMNS) === undefined) return () => null;
  const columns = driver.first<Record<'libraries' | 'versions', unknown>>(COLUMNS_OF_CHUNK, [chunk_id]);
  const [libraryAt, versionAt] = [integersIn(columns?.libraries), integersIn(columns?.versions)];
  return (slot) => {
    const [libraryId, versionId] = [libraryAt(slot), versionAt(slot)];
    return libraryId === null || versionId === null ? null : { libraryId, versionId };
  };
}

function integersIn(data: unknown): (slot: number) => number | null {
  if (!(data instanceof Uint8Array)) return () => null;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return (slot) => (slot * 8 + 8 > data.length ? null : Number(view.getBigInt64(slot * 8, true)));
}

function isPartitioned(driver: SqliteDriver): boolean {
  return driver.first(IS_PARTITIONED) !== undefined;
}
