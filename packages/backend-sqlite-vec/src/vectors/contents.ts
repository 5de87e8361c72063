import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { AuditProblem, AuditReport, VectorStats } from '@switchyard/storage-core/backend';
import { lastKey } from '@switchyard/storage-core/backend';
import { LATEST_LEVEL } from '../schema/levels.js';
import { readLevel } from '../schema/migrate.js';
import { faultyTriggers, restoreTriggers, type TriggerFault, triggersOf } from '../schema/triggers.js';
import { examineChunk, type IndexedChunk, selectChunks } from './chunk-state.js';
import { readEmbedding, toBlob } from './embedding-json.js';
import {
  emptyVectorTable,
  fromIndexOnly,
  readVectorTable,
  recreateVectorTable,
  type VectorTable,
} from './index-table.js';
import { readProfile } from './profile.js';

/** Number of chunks examined at once; bounds memory, at about 20 kB per chunk. */
const BATCH = 500;

const selectOrphans = `
SELECT rowid AS id
FROM documents_vec_rowids
WHERE rowid NOT IN (SELECT id FROM documents)
ORDER BY rowid`;

const countIndexed = `
SELECT count(*) AS n
FROM documents_vec_rowids
WHERE rowid IN (SELECT id FROM documents)`;

const selectStored = `
SELECT d.id, d.embedding AS stored, vs.id AS version, vs."library_id" AS library
FROM documents AS d
JOIN pages AS p ON p.id = d.page_id
JOIN versions AS vs ON vs.id = p.version_id
WHERE d.embedding IS NOT NULL AND d.id > ?
ORDER BY d.id
LIMIT ?`;

const insertVector = `
INSERT INTO documents_vec (rowid, library_id, version_id, embedding)
VALUES (?, ?, ?, ?)`;

/** Copies vectors that only the old index holds. */
const keepVectors = `
CREATE TEMP TABLE kept_vectors AS
SELECT d.id, vs."library_id", vs.id AS version_id, v.embedding
${fromIndexOnly}`;

const bringVectorsBack = `
INSERT INTO documents_vec (rowid, library_id, version_id, embedding)
SELECT id, library_id, version_id, embedding
FROM temp.kept_vectors
ORDER BY version_id, id`;

function* chunksById<Row extends { readonly id: number }>(
  driver: SqliteDriver,
  statement: string,
): Generator<Row> {
  let after = 0;
  for (;;) {
    const batch = driver.all<Row>(statement, [after, BATCH]);
    const last = lastKey(
      batch.map(({ id }) => id),
      after,
      'chunks',
    );
    yield* batch;
    if (last === null) return;
    after = last;
  }
}

/** Number of chunks in the index, with or without a valid vector. */
export function countIndexedChunks(driver: SqliteDriver): number {
  return driver.first<{ n: number }>(countIndexed)?.n ?? 0;
}

/**
 * Implements `VectorIndex.stats`. A store may hold one vector of a chunk in the index and a different embedding in the
 * chunk's row; such a chunk counts as indexed, and also as unusable if that embedding is invalid.
 */
export function vectorStats(driver: SqliteDriver): VectorStats {
  return driver.readTransaction(() => {
    const dimension = readProfile(driver)?.dimension ?? 0;
    const indexDimension = readVectorTable(driver).dimension;
    const stats = { indexed: 0, without: 0, unusable: 0 };
    let disagreeing = 0;
    for (const chunk of chunksById<IndexedChunk>(driver, selectChunks)) {
      const state = examineChunk(chunk, dimension, indexDimension);
      if (state.isFound) stats.indexed++;
      if (state.isWithout) stats.without++;
      if (state.isUnusable) stats.unusable++;
      if (state.indexDisagrees) disagreeing++;
    }
    return disagreeing === 0 ? stats : { ...stats, disagreeing };
  });
}

/** Implements `VectorIndex.audit`. */
export function auditVectors(driver: SqliteDriver): AuditReport {
  return driver.readTransaction(() => {
    const problems: AuditProblem[] = [...structureProblems(driver)];
    const dimension = readProfile(driver)?.dimension ?? 0;
    const indexDimension = readVectorTable(driver).dimension;
    let checked = 0;
    for (const chunk of chunksById<IndexedChunk>(driver, selectChunks)) {
      checked++;
      const { problem } = examineChunk(chunk, dimension, indexDimension);
      if (problem !== null) problems.push(problem);
    }
    for (const { id } of driver.all<{ id: number }>(selectOrphans)) {
      problems.push({
        kind: 'orphan',
        chunkId: id,
        detail: 'The vector index has an entry without a chunk.',
      });
    }
    return { checked, problems };
  });
}

function* structureProblems(driver: SqliteDriver): Generator<AuditProblem> {
  for (const { name, fault } of faultyVectorTriggers(driver)) {
    yield {
      kind: 'damaged',
      chunkId: null,
      detail:
        fault === 'missing'
          ? `The trigger ${name} is missing: writes of other programs do not reach the vector index. Rebuilding restores it.`
          : `The trigger ${name} differs from the schema. Rebuilding restores it.`,
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

/** Before level 011, the application updated the index itself. */
function faultyVectorTriggers(driver: SqliteDriver): readonly TriggerFault[] {
  if ((readLevel(driver) ?? 0) < 11) return [];
  return faultyTriggers(driver).filter(({ name }) => triggersOf('vec').includes(name));
}

/** A store of an older level keeps the table that its application created, unless its dimension differs. */
function recreateAtLevel(driver: SqliteDriver, dimension: number | null, table: VectorTable): void {
  const isOlder = (readLevel(driver) ?? LATEST_LEVEL) < LATEST_LEVEL;
  if (isOlder && table.declaration !== null && table.dimension === dimension)
    emptyVectorTable(driver, table.declaration);
  else recreateVectorTable(driver, dimension);
}

/**
 * Implements `VectorIndex.rebuild`. Vectors that only the index holds are carried over if they have the dimension of
 * the store, since nothing else could restore them.
 */
export function rebuildVectors(driver: SqliteDriver): void {
  driver.transaction(() => {
    restoreTriggers(
      driver,
      faultyVectorTriggers(driver).map(({ name }) => name),
    );
    const table = readVectorTable(driver);
    const dimension = readProfile(driver)?.dimension ?? table.dimension;
    const carries = !table.empty && table.dimension === dimension;
    if (carries) driver.exec(keepVectors);
    recreateAtLevel(driver, dimension, table);
    if (dimension === null) return;
    for (const { id, stored, library, version } of chunksById<IndexedChunk>(driver, selectStored)) {
      const { vector } = readEmbedding(stored, dimension);
      if (vector !== null) driver.run(insertVector, [id, library, version, toBlob(vector)]);
    }
    if (!carries) return;
    driver.run(bringVectorsBack);
    driver.exec('DROP TABLE temp.kept_vectors');
  });
}
