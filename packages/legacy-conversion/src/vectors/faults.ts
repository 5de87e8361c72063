import { integer, type SqliteDriver } from '@switchyard/sqlite-common';
import type { EmbeddingProfile } from '@switchyard/storage-core';
import type { ProblemSink } from '../problems.js';
import { IndexReader, readVectorTable } from './index-table.js';
import { isOwn } from './scan.js';

/** Chunks that have no embedding, and no vector in the index either. */
const WITHOUT_VECTOR = `
  SELECT documents.id, versions.id AS version_id, ${integer('versions."library_id"', 'library_id')}
  FROM legacy.documents
  JOIN legacy.pages ON pages.id = documents.page_id
  JOIN legacy.versions ON versions.id = pages.version_id
  JOIN legacy.libraries ON libraries.id = versions."library_id"
  WHERE documents.embedding IS NULL`;

const UNSETTLED = `
    AND documents.id NOT IN (SELECT document_id FROM main.document_vectors)`;

const IN_ORDER = `
  ORDER BY documents.id`;

const ORPHANS = `
  SELECT rowid AS id
  FROM legacy.documents_vec_rowids
  WHERE rowid NOT IN (SELECT id FROM legacy.documents)
  ORDER BY rowid`;

const HAS_INDEX = `
  SELECT 1 AS found FROM legacy.sqlite_master WHERE type = 'table' AND name = 'documents_vec_rowids'`;

const HAS_EMBEDDING = `
  SELECT 1 AS found FROM legacy.documents WHERE embedding IS NOT NULL LIMIT 1`;

const HAS_VECTOR = `
  SELECT 1 AS found FROM main.document_vectors LIMIT 1`;

const COUNT_CHUNKS = `
  SELECT count(*) AS n FROM legacy.documents`;

const INDEXED = `
  SELECT 1 AS found FROM legacy.documents_vec_rowids WHERE rowid = ?1`;

/** Returns true if the store has a vector index. */
export function hasIndex(driver: SqliteDriver): boolean {
  return driver.first(HAS_INDEX) !== undefined;
}

/** Returns true if the vector index has this dimension; otherwise none of its vectors belongs to the store. */
export function hasIndexOf(driver: SqliteDriver, dimension: number): boolean {
  return hasIndex(driver) && readVectorTable(driver).dimension === dimension;
}

/** Returns true if any chunk has an embedding, usable or not. */
function hasEmbeddings(driver: SqliteDriver): boolean {
  return driver.first(HAS_EMBEDDING) !== undefined;
}

/** Returns true if the index has an entry of this chunk. */
export function isIndexed(driver: SqliteDriver, id: number): boolean {
  return driver.first(INDEXED, [id]) !== undefined;
}

/**
 * Reports chunks without a vector, and entries of the index without a chunk. Must be called after all vectors were
 * read: with a profile, `main.document_vectors` has those that were used.
 */
export function findVectorFaults(
  driver: SqliteDriver,
  profile: EmbeddingProfile | null,
  problem: ProblemSink,
): void {
  const indexThere = hasIndex(driver);
  const taken = profile !== null && driver.first(HAS_VECTOR) !== undefined;
  const statement = `${WITHOUT_VECTOR}${profile === null ? '' : UNSETTLED}${IN_ORDER}`;
  const anyVectors = taken || hasEmbeddings(driver);
  const index = new IndexReader(driver, profile?.dimension ?? 0);
  for (const chunk of driver.all<UnsettledChunk>(statement)) {
    const { id } = chunk;
    if (indexThere && isIndexed(driver, id)) {
      const detail = `The chunk has no embedding, and its vector in the index was not used: ${whyNot(driver, profile, index, chunk)}`;
      problem({ kind: 'index-only', table: 'documents_vec', id, detail });
    } else if (anyVectors) {
      const detail = 'The chunk has no embedding. It is kept without a vector.';
      problem({ kind: 'vector-missing', table: 'documents', id, detail });
    }
  }
  if (!anyVectors) {
    const chunks = driver.first<{ n: number }>(COUNT_CHUNKS)?.n ?? 0;
    if (chunks > 0) {
      const detail = `None of the ${chunks} chunks has a vector. Full-text search finds them, as before.`;
      problem({ kind: 'store-without-vectors', table: null, id: null, detail });
    }
  }
  if (!indexThere) return;
  for (const { id } of driver.all<{ id: number }>(ORPHANS)) {
    const detail = 'The index has an entry without a chunk. It is omitted.';
    problem({ kind: 'index-orphan', table: 'documents_vec', id, detail });
  }
}

interface UnsettledChunk {
  readonly id: number;
  readonly library_id: number;
  readonly version_id: number;
}

function whyNot(
  driver: SqliteDriver,
  profile: EmbeddingProfile | null,
  index: IndexReader,
  chunk: UnsettledChunk,
): string {
  const { dimension } = readVectorTable(driver);
  if (profile === null || dimension !== profile.dimension) {
    return `it has ${dimension ?? 'no'} components, but the vectors of this store have ${profile?.dimension ?? 'none'}.`;
  }
  const owner = index.owner(chunk.id);
  if (owner === null || isOwn(owner, chunk)) return 'a component of it is not finite.';
  return `the index has it in version ${owner.versionId}, but the chunk belongs to version ${chunk.version_id}.`;
}
