import {
  addAudit,
  addUnreadable,
  checkEngine,
  checkForeignKeys,
  checkJson,
  checkTables,
  checkTexts,
  isSmall,
  legacySourceTables,
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
import { auditVectors } from '../vectors/contents.js';
import { checkMissingVectors, checkOrphanVectors } from './check-vectors.js';

export const REBUILD_FTS = 'Rebuild the full-text index from the chunks.';
export const REBUILD_VECTORS = 'Rebuild the vector index from the embeddings of the chunks.';
export const REINDEX = 'Rebuild the indexes of the database from its tables.';

const INDEX_AGAIN = 'Index its version again with the embedder of the store.';

/** Repairs of damage to the database itself. */
export const engineRepair = {
  reindex: REINDEX,
  derived: (table: string) => {
    if (table.startsWith('documents_fts')) return REBUILD_FTS;
    return table.startsWith('documents_vec') ? REBUILD_VECTORS : null;
  },
};

/** Implements `StoreMaintenance.check`. */
export async function checkLegacy(
  driver: SqliteDriver,
  scope: CheckScope,
  options?: MaintenanceOptions,
): Promise<CheckReport> {
  const list = new DamageList();
  const skipped: string[] = [];
  const steps = stepsOf(scope, driver, list, skipped);
  await runSteps(BACKEND_NAME, steps, options, (error, step) => {
    const lacking = isStorageError(error)
      ? /no such table: (?:main\.)?(\w+)/i.exec(error.message)?.[1]
      : undefined;
    if (lacking === undefined) {
      addUnreadable(list, error, step);
      return;
    }
    const repair = engineRepair.derived(lacking);
    const advice = repair === null ? 'Its content is lost: restore a backup.' : null;
    list.add({ code: 'schema', detail: `The table ${lacking} is missing.`, repair, advice });
  });
  return { scope, damages: list.damages, skipped };
}

function stepsOf(
  scope: CheckScope,
  driver: SqliteDriver,
  list: DamageList,
  skipped: string[],
): MaintenanceStep[] {
  if (scope === 'full') return fullSteps(driver, list);
  if (scope === 'quick') return quickSteps(driver, list, skipped);
  return [
    {
      name: 'tables',
      work: () => checkTables(driver, list, engineRepair, legacySourceTables(driver)),
    },
  ];
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
    { name: 'references', work: () => checkForeignKeys(driver, list) },
    {
      name: 'full text',
      work: () => addAudit(list, 'fts', compareFts(driver), { rebuild: REBUILD_FTS }),
    },
    {
      name: 'vectors',
      work: () => {
        checkOrphanVectors(driver, list, REBUILD_VECTORS);
        checkMissingVectors(driver, list);
      },
    },
  ];
}

function fullSteps(driver: SqliteDriver, list: DamageList): MaintenanceStep[] {
  return [
    { name: 'database', work: () => checkEngine(driver, list, engineRepair) },
    { name: 'references', work: () => checkForeignKeys(driver, list) },
    { name: 'texts', work: () => checkTexts(driver, list) },
    { name: 'metadata', work: () => checkJson(driver, list) },
    {
      name: 'full text',
      work: () => addAudit(list, 'fts', auditFts(driver), { rebuild: REBUILD_FTS }),
    },
    {
      name: 'vectors',
      work: () => {
        addAudit(list, 'vector', auditVectors(driver), {
          rebuild: REBUILD_VECTORS,
          lost: ['unusable'],
          advice: INDEX_AGAIN,
        });
        checkMissingVectors(driver, list);
      },
    },
  ];
}
