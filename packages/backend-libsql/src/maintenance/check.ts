import {
  addAudit,
  addUnreadable,
  checkEngine,
  checkForeignKeys,
  checkJson,
  checkTables,
  checkTexts,
  isSmall,
  type SqliteDriver,
} from '@switchyard/sqlite-common';
import {
  type CheckReport,
  type CheckScope,
  isStorageError,
  type MaintenanceOptions,
} from '@switchyard/storage-core';
import { DamageList, type MaintenanceStep, runSteps } from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import { auditFts, compareFts } from '../fts/audit.js';
import { auditIndex } from '../vectors/diskann/ann-indexes.js';
import { BUILT_INDEXES, HAS_TABLES } from '../vectors/diskann/diskann-statements.js';
import { auditVectors } from '../vectors/maintenance.js';
import { readProfile } from '../vectors/profile.js';
import {
  checkMarkOfChunks,
  checkMissingVectors,
  checkOrphanVectors,
  checkVersionOfChunks,
} from './chunks.js';
import { checkSchemaObjects, isDerived } from './schema-objects.js';
import { checkGenerations } from './vector-counters.js';

export const REBUILD_FTS = 'Rebuild the full-text index from the chunks.';
export const REBUILD_VECTORS = 'Drop rows that are not the vector of a chunk, and rewrite the 8-bit codes.';
export const REBUILD_ANN = 'Rebuild the approximate indexes from the vectors.';
export const REINDEX = 'Rebuild the indexes of the database from its tables.';

const REINDEX_VERSION = 'Index its version again with the embedder of the store.';

/** Repairs of damage to the database itself. */
export const engineRepair = {
  reindex: REINDEX,
  derived: (table: string) => {
    if (table.startsWith('documents_fts')) return REBUILD_FTS;
    return isDerived(table) ? REBUILD_VECTORS : null;
  },
};

/** See `StoreMaintenance.check`. */
export async function checkLibsql(
  driver: SqliteDriver,
  scope: CheckScope,
  options?: MaintenanceOptions,
): Promise<CheckReport> {
  const list = new DamageList();
  const skipped: string[] = [];
  const steps = stepsOf(scope, driver, list, skipped);
  await runSteps(BACKEND_NAME, steps, options, (error, step) => {
    const isLacking = isStorageError(error) && /no such (?:table|column|index)/i.test(error.message);
    if (isLacking && list.damages.some(({ code }) => code === 'schema'))
      skipped.push(`Not checked, because part of the schema is missing: ${step.name}.`);
    else addUnreadable(list, error, step);
  });
  return { scope, damages: list.damages, skipped };
}

function stepsOf(
  scope: CheckScope,
  driver: SqliteDriver,
  list: DamageList,
  skipped: string[],
): MaintenanceStep[] {
  if (scope === 'full') return fullSteps(driver, list, skipped);
  if (scope === 'quick') return quickSteps(driver, list, skipped);
  const isSource = (table: string) => engineRepair.derived(table) === null;
  return [{ name: 'tables', work: () => checkTables(driver, list, engineRepair, isSource) }];
}

function quickSteps(driver: SqliteDriver, list: DamageList, skipped: string[]): MaintenanceStep[] {
  return [
    {
      name: 'database',
      work: () => {
        const thorough = isSmall(driver);
        if (!thorough)
          skipped.push('A quick check does not compare the indexes of a large database with its tables.');
        checkEngine(driver, list, engineRepair, thorough);
      },
    },
    { name: 'schema', work: () => checkSchemaObjects(driver, list) },
    { name: 'references', work: () => checkForeignKeys(driver, list) },
    { name: 'chunks', work: () => checkVersionOfChunks(driver, list) },
    {
      name: 'full text',
      work: () =>
        addAudit(
          list,
          'fts',
          driver.readTransaction(() => compareFts(driver)),
          { rebuild: REBUILD_FTS },
        ),
    },
    {
      name: 'vectors',
      work: () => {
        const hasVectors = readProfile(driver) !== null;
        checkGenerations(driver, list, hasVectors);
        if (!hasVectors) return;
        checkOrphanVectors(driver, list, REBUILD_VECTORS);
        checkMissingVectors(driver, list);
      },
    },
  ];
}

function fullSteps(driver: SqliteDriver, list: DamageList, skipped: string[]): MaintenanceStep[] {
  return [
    { name: 'database', work: () => checkEngine(driver, list, engineRepair) },
    { name: 'schema', work: () => checkSchemaObjects(driver, list) },
    { name: 'references', work: () => checkForeignKeys(driver, list) },
    { name: 'texts', work: () => checkTexts(driver, list) },
    { name: 'metadata', work: () => checkJson(driver, list) },
    {
      name: 'chunks',
      work: () => {
        checkVersionOfChunks(driver, list);
        checkMarkOfChunks(driver, list);
      },
    },
    { name: 'full text', work: () => checkWords(driver, list, skipped) },
    {
      name: 'vectors',
      work: () => {
        const hasVectors = readProfile(driver) !== null;
        checkGenerations(driver, list, hasVectors);
        addAudit(list, 'vector', auditVectors(driver), {
          rebuild: REBUILD_VECTORS,
          lost: ['unusable'],
          advice: REINDEX_VERSION,
        });
        if (hasVectors) checkMissingVectors(driver, list);
      },
    },
    { name: 'approximate indexes', work: () => checkAnnIndexes(driver, list) },
  ];
}

/** Checks the full-text index itself, which needs write permission although it writes nothing. */
function checkWords(driver: SqliteDriver, list: DamageList, skipped: string[]): void {
  try {
    addAudit(list, 'fts', auditFts(driver), { rebuild: REBUILD_FTS });
  } catch (error) {
    if (!isStorageError(error, 'STORAGE_PERMISSION_DENIED')) throw error;
    skipped.push('The full-text index was not compared with its texts: the store is read-only.');
    addAudit(
      list,
      'fts',
      driver.readTransaction(() => compareFts(driver)),
      { rebuild: REBUILD_FTS },
    );
  }
}

function* checkAnnIndexes(driver: SqliteDriver, list: DamageList): Generator<void, void> {
  const profile = readProfile(driver);
  if (profile === null || driver.first(HAS_TABLES) === undefined) return;
  for (const { version_id: id } of driver.all<{ version_id: number }>(BUILT_INDEXES)) {
    try {
      addAudit(
        list,
        'ann-index',
        driver.readTransaction(() => auditIndex(driver, id, profile)),
        {
          rebuild: REBUILD_ANN,
        },
      );
    } catch (error) {
      // The engine fails on an index whose graph is broken or missing.
      if (!isStorageError(error)) throw error;
      const detail = 'The approximate index of a version cannot be searched.';
      list.add({
        code: 'ann-index',
        detail,
        example: `version ${id}: ${error.message}`,
        repair: REBUILD_ANN,
      });
    }
    yield;
  }
}
