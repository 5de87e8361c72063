import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { DamageList } from '@switchyard/storage-core/backend';

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

/** Adds chunks without a vector in versions that have vectors. Only an embedder can supply one. */
export function checkMissingVectors(driver: SqliteDriver, list: DamageList): void {
  for (const { id } of driver.all<{ id: number }>(WITHOUT_VECTOR))
    list.add({
      code: 'vector-missing',
      detail:
        'A chunk has no vector, although others of its version have one: only full-text search finds it.',
      example: `chunk ${id}`,
      advice:
        'Index its version again with the embedder of the store; a chunk too large for the model stays without a vector.',
    });
}

/** Adds entries of the vector index without a chunk. */
export function checkOrphanVectors(driver: SqliteDriver, list: DamageList, repair: string): void {
  for (const { id } of driver.all<{ id: number }>(ORPHANS))
    list.add({
      code: 'vector',
      detail: 'The vector index has an entry without a chunk.',
      example: `chunk ${id}`,
      repair,
    });
}
