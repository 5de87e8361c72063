import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { ProblemSink } from '../problems.js';

const WITHOUT_EMBEDDING = `
  SELECT documents.id, documents.id IN (SELECT rowid FROM legacy.documents_vec_rowids) AS indexed
  FROM legacy.documents
  WHERE documents.embedding IS NULL
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

const COUNT_CHUNKS = `
  SELECT count(*) AS n FROM legacy.documents`;

const ALL_WITHOUT_EMBEDDING = `
  SELECT id FROM legacy.documents WHERE embedding IS NULL ORDER BY id`;

const INDEXED = `
  SELECT 1 AS found FROM legacy.documents_vec_rowids WHERE rowid = ?1`;

/** Whether the store has a vector index at all. */
export function hasIndex(driver: SqliteDriver): boolean {
  return driver.first(HAS_INDEX) !== undefined;
}

/** Whether any chunk has an embedding, usable or not. */
export function hasEmbeddings(driver: SqliteDriver): boolean {
  return driver.first(HAS_EMBEDDING) !== undefined;
}

/** Whether the index has an entry of this chunk. */
export function isIndexed(driver: SqliteDriver, id: number): boolean {
  return driver.first(INDEXED, [id]) !== undefined;
}

/** Names chunks without an embedding, and entries of the index without a chunk. */
export function findVectorFaults(driver: SqliteDriver, problem: ProblemSink): void {
  const indexThere = hasIndex(driver);
  if (hasEmbeddings(driver)) {
    for (const { id, indexed } of missing(driver, indexThere)) {
      if (indexed === 1) {
        const detail =
          'The chunk has no embedding, and the index holds a vector for it, which was not taken.';
        problem({ kind: 'index-only', table: 'documents_vec', id, detail });
      } else {
        const detail = 'The chunk has no embedding. It is kept without a vector.';
        problem({ kind: 'vector-missing', table: 'documents', id, detail });
      }
    }
  } else {
    const chunks = driver.first<{ n: number }>(COUNT_CHUNKS)?.n ?? 0;
    if (chunks > 0) {
      const detail = `None of the ${chunks} chunks has an embedding. They are found by words, as before.`;
      problem({ kind: 'store-without-vectors', table: null, id: null, detail });
    }
  }
  if (!indexThere) return;
  for (const { id } of driver.all<{ id: number }>(ORPHANS)) {
    const detail = 'The index has an entry without a chunk. It is left out.';
    problem({ kind: 'index-orphan', table: 'documents_vec', id, detail });
  }
}

function missing(driver: SqliteDriver, indexThere: boolean): readonly { id: number; indexed: number }[] {
  if (indexThere) return driver.all<{ id: number; indexed: number }>(WITHOUT_EMBEDDING);
  return driver.all<{ id: number }>(ALL_WITHOUT_EMBEDDING).map(({ id }) => ({ id, indexed: 0 }));
}
