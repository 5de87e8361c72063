import { checkEngine, type SqliteDriver } from '@switchyard/sqlite-common';
import {
  isStorageError,
  type MaintenanceOptions,
  type RepairReport,
  StorageError,
} from '@switchyard/storage-core';
import { DamageList, type MaintenanceStep, runSteps } from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import { rebuildFts } from '../fts/fts-index.js';
import { rebuildVectors } from '../vectors/contents.js';
import { checkLegacy, engineRepair, REBUILD_FTS, REBUILD_VECTORS, REINDEX } from './check.js';

/** Implements `StoreMaintenance.repair`. Each kind of repair is one transaction. */
export async function repairLegacy(
  driver: SqliteDriver,
  options?: MaintenanceOptions,
): Promise<RepairReport> {
  const before = await checkLegacy(driver, 'full', options);
  const wanted = new Set(before.damages.flatMap(({ repair }) => repair ?? []));
  const repaired: string[] = [];
  const steps = [
    { name: REINDEX, work: () => reindex(driver) },
    { name: REBUILD_FTS, work: () => rebuildFts(driver) },
    { name: REBUILD_VECTORS, work: () => rebuildVectors(driver) },
  ]
    .filter(({ name }) => wanted.has(name))
    .map(
      ({ name, work }): MaintenanceStep => ({
        name,
        work: () => {
          work();
          repaired.push(name);
        },
      }),
    );
  if (steps.length === 0) return { before, repaired, after: before };
  // The second check reports everything that cannot be repaired.
  await runSteps(BACKEND_NAME, steps, options, (error) => {
    if (!isStorageError(error, 'STORAGE_CORRUPT')) throw error;
  });
  return { before, repaired, after: await checkLegacy(driver, 'full', options) };
}

/**
 * Rebuilds every index and keeps the result only if it repaired the database: pages of a damaged index may belong to
 * something else, and freeing them would then spread the damage.
 */
function reindex(driver: SqliteDriver): void {
  driver.transaction(() => {
    const known = new Set(engineDamages(driver).map(({ detail }) => detail));
    driver.exec('REINDEX');
    const isBetter = engineDamages(driver).every(
      ({ detail, repair }) => repair !== REINDEX && known.has(detail),
    );
    if (isBetter) return;
    throw new StorageError('STORAGE_CORRUPT', 'Rebuilding the indexes did not repair the database.', {
      backend: BACKEND_NAME,
      outcome: 'not-applied',
    });
  });
}

function engineDamages(driver: SqliteDriver) {
  const list = new DamageList();
  checkEngine(driver, list, engineRepair);
  return list.damages;
}
