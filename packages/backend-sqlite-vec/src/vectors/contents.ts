import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { AuditProblem, AuditReport, VectorStats } from '@switchyard/storage-core';
import { faultyTriggers, restoreTriggers, triggersOf } from '../schema/triggers.js';
import { readEmbedding, sameBytes, toBlob } from './embedding-json.js';
import { readVectorTable, recreateVectorTable } from './index-table.js';
import { readProfile } from './profile.js';

/** Chunks looked at in one go: bounds the memory, which is some 20 kB a chunk. */
const BATCH = 500;

const selectChunks = `
SELECT
  d.id,
  d.embedding AS stored,
  v.embedding AS indexed,
  v.version_id AS indexedVersion,
  v.library_id AS indexedLibrary,
  vs.id AS version,
  vs.library_id AS library
FROM documents AS d
JOIN pages AS p ON p.id = d.page_id
JOIN versions AS vs ON vs.id = p.version_id
LEFT JOIN documents_vec AS v ON v.rowid = d.id
WHERE d.id > ?
ORDER BY d.id
LIMIT ?`;

const selectOrphans = `
SELECT rowid AS id
FROM documents_vec_rowids
WHERE rowid NOT IN (SELECT id FROM documents)
ORDER BY rowid`;

const countIndexed = `
SELECT count(*) AS n
FROM documents_vec_rowids
WHERE rowid IN (SELECT id FROM documents)`;

const insertVector = `
INSERT INTO documents_vec (rowid, library_id, version_id, embedding)
VALUES (?, ?, ?, ?)`;

interface IndexedChunk {
  readonly id: number;
  readonly stored: unknown;
  readonly indexed: Uint8Array | null;
  readonly indexedVersion: number | null;
  readonly indexedLibrary: number | null;
  readonly version: number;
  readonly library: number;
}

const selectStored = `
SELECT d.id, d.embedding AS stored, r.rowid IS NOT NULL AS isIndexed
FROM documents AS d
LEFT JOIN documents_vec_rowids AS r ON r.rowid = d.id
WHERE d.id > ?
ORDER BY d.id
LIMIT ?`;

interface StoredChunk {
  readonly id: number;
  readonly stored: unknown;
  readonly isIndexed: number;
}

function* chunksById<Row extends { readonly id: number }>(
  driver: SqliteDriver,
  statement: string,
): Generator<Row> {
  let after = 0;
  for (;;) {
    const batch = driver.all<Row>(statement, [after, BATCH]);
    yield* batch;
    const last = batch.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

/** How many chunks are in the index, whatever the index holds for them. */
export function countIndexedChunks(driver: SqliteDriver): number {
  return driver.first<{ n: number }>(countIndexed)?.n ?? 0;
}

/**
 * See `VectorIndex.stats`. A store may hold one vector of a chunk in the index and something else for it beside the
 * text; such a chunk counts as indexed, and as unusable when what stands beside the text is no vector.
 */
export function vectorStats(driver: SqliteDriver): VectorStats {
  return driver.readTransaction(() => {
    const dimension = readProfile(driver)?.dimension ?? 0;
    const stats = { indexed: 0, without: 0, unusable: 0 };
    for (const { stored, isIndexed } of chunksById<StoredChunk>(driver, selectStored)) {
      if (isIndexed !== 0) stats.indexed++;
      else if (stored === null) stats.without++;
      const usable = stored === null || readEmbedding(stored, dimension).vector !== null;
      // A vector that the index lacks is not found until the index is rebuilt.
      if (!usable || (stored !== null && isIndexed === 0)) stats.unusable++;
    }
    return stats;
  });
}

/** See `VectorIndex.audit`. */
export function auditVectors(driver: SqliteDriver): AuditReport {
  return driver.readTransaction(() => {
    const problems: AuditProblem[] = [...structureProblems(driver)];
    const dimension = readProfile(driver)?.dimension ?? 0;
    let checked = 0;
    for (const chunk of chunksById<IndexedChunk>(driver, selectChunks)) {
      checked++;
      const problem = chunkProblem(chunk, dimension);
      if (problem !== null) problems.push(problem);
    }
    for (const { id } of driver.all<{ id: number }>(selectOrphans)) {
      problems.push({
        kind: 'orphan',
        chunkId: id,
        detail: 'The vector index holds an entry without a chunk.',
      });
    }
    return { checked, problems };
  });
}

function* structureProblems(driver: SqliteDriver): Generator<AuditProblem> {
  for (const { name, fault } of faultyTriggers(driver)) {
    if (!triggersOf('vec').includes(name)) continue;
    yield {
      kind: 'damaged',
      chunkId: null,
      detail:
        fault === 'missing'
          ? `The trigger ${name} is gone: what other programs write does not reach the vector index. Rebuilding restores it.`
          : `The trigger ${name} is not the one of the schema. Rebuilding restores it.`,
    };
  }
  const profile = readProfile(driver);
  const table = readVectorTable(driver);
  if (profile !== null && table.dimension !== profile.dimension) {
    yield {
      kind: 'damaged',
      chunkId: null,
      detail: `The vector index is declared for ${table.dimension ?? 'no'} components, the store for ${profile.dimension}.`,
    };
  }
}

function chunkProblem(chunk: IndexedChunk, dimension: number): AuditProblem | null {
  const { id: chunkId, stored, indexed } = chunk;
  const problem = (kind: AuditProblem['kind'], detail: string) => ({ kind, chunkId, detail });
  if (stored === null) {
    return indexed === null
      ? null
      : problem('damaged', 'The chunk has no vector, and the index holds one for it.');
  }
  const { vector, fault } = readEmbedding(stored, dimension);
  if (vector === null) {
    return problem('unusable', indexed === null ? fault : `${fault} The index still holds an older vector.`);
  }
  if (indexed === null) return problem('missing', 'The vector of the chunk is not in the index.');
  if (!sameBytes(toBlob(vector), indexed)) {
    const nature = vector.every((component) => component === 0) ? ', which is all zero' : '';
    return problem('damaged', `The index holds another vector than the chunk${nature}.`);
  }
  if (chunk.indexedVersion !== chunk.version || chunk.indexedLibrary !== chunk.library) {
    return problem(
      'damaged',
      `The index has the chunk in version ${chunk.indexedVersion}; it belongs to version ${chunk.version}.`,
    );
  }
  return null;
}

/** See `VectorIndex.rebuild`. */
export function rebuildVectors(driver: SqliteDriver): void {
  driver.transaction(() => {
    const broken = faultyTriggers(driver).map(({ name }) => name);
    restoreTriggers(
      driver,
      broken.filter((name) => triggersOf('vec').includes(name)),
    );
    const dimension = readProfile(driver)?.dimension ?? readVectorTable(driver).dimension;
    recreateVectorTable(driver, dimension);
    if (dimension === null) return;
    for (const chunk of chunksById<IndexedChunk>(driver, selectChunks)) {
      if (chunk.stored === null) continue;
      const { vector } = readEmbedding(chunk.stored, dimension);
      if (vector !== null) driver.run(insertVector, [chunk.id, chunk.library, chunk.version, toBlob(vector)]);
    }
  });
}
