import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { DamageList } from '@switchyard/storage-core';
import { rebuildVectors } from '../vectors/contents.js';

const WITHOUT_VECTOR = `
SELECT d.id
FROM documents AS d
JOIN pages AS p ON p.id = d.page_id
WHERE
  d.embedding IS NULL
  AND d.id NOT IN (SELECT rowid FROM documents_vec_rowids)
  AND p.version_id IN (
    SELECT q.version_id
    FROM documents AS e
    JOIN pages AS q ON q.id = e.page_id
    WHERE e.embedding IS NOT NULL OR e.id IN (SELECT rowid FROM documents_vec_rowids)
  )
ORDER BY d.id`;

const ORPHANS = `
SELECT rowid AS id
FROM documents_vec_rowids
WHERE rowid NOT IN (SELECT id FROM documents)
ORDER BY rowid`;

const ONLY_IN_INDEX = `
SELECT v.rowid AS id
FROM documents_vec AS v
JOIN documents AS d ON d.id = v.rowid
JOIN pages AS p ON p.id = d.page_id
WHERE d.embedding IS NULL AND v.version_id = p.version_id`;

const KEEP = `
CREATE TEMP TABLE vectors_of_index AS
SELECT rowid AS id, library_id, version_id, embedding
FROM documents_vec
WHERE rowid IN (${ONLY_IN_INDEX})`;

const PUT_BACK = `
INSERT INTO documents_vec (rowid, library_id, version_id, embedding)
SELECT id, library_id, version_id, embedding
FROM temp.vectors_of_index
WHERE id NOT IN (SELECT rowid FROM documents_vec_rowids)
ORDER BY library_id, version_id, id`;

const FORGET = 'DROP TABLE IF EXISTS temp.vectors_of_index';

/**
 * Chunks whose only vector is that of the index, under their own version, as in stores that an application upgraded
 * from level 008: the index is the source of truth for them.
 */
export function vectorsOnlyInIndex(driver: SqliteDriver): ReadonlySet<number> {
  return new Set(driver.all<{ id: number }>(ONLY_IN_INDEX).map(({ id }) => id));
}

/** Rebuilds the index from the embeddings of the chunks, and keeps what only the index has. */
export function rebuildKeepingIndex(driver: SqliteDriver): void {
  driver.transaction(() => {
    driver.exec(FORGET);
    const isThere = driver.first(HAS_INDEX) !== undefined;
    if (isThere) driver.exec(KEEP);
    rebuildVectors(driver);
    if (isThere) driver.run(PUT_BACK);
    driver.exec(FORGET);
  });
}

const HAS_INDEX = `
SELECT 1
FROM sqlite_master
WHERE type = 'table' AND name = 'documents_vec'`;

/** Adds chunks without a vector in versions that have vectors. Only an embedder can give them one. */
export function checkMissingVectors(driver: SqliteDriver, list: DamageList): void {
  for (const { id } of driver.all<{ id: number }>(WITHOUT_VECTOR))
    list.add({
      code: 'vector-missing',
      detail: 'A chunk has no vector, although others of its version have one: only words find it.',
      example: `chunk ${id}`,
      advice: 'Index its version again with the embedder of the store; only what lacks vectors is written.',
    });
}

/** Adds entries of the vector index without a chunk. */
export function checkOrphanVectors(driver: SqliteDriver, list: DamageList, repair: string): void {
  for (const { id } of driver.all<{ id: number }>(ORPHANS))
    list.add({
      code: 'vector',
      detail: 'The vector index holds an entry without a chunk.',
      example: `chunk ${id}`,
      repair,
    });
}
