import { checkEngine, type SqliteDriver } from '@switchyard/sqlite-common';
import {
  type CheckReport,
  type Damage,
  isStorageError,
  type MaintenanceOptions,
  type RepairReport,
  StorageError,
} from '@switchyard/storage-core';
import { DamageList, type MaintenanceStep, runSteps } from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import { rebuildFts } from '../fts/fts-index.js';
import { rewriteAllLogs } from '../vectors/codes/code-log.js';
import { buildIndex } from '../vectors/diskann/ann-indexes.js';
import { BUILT_INDEXES } from '../vectors/diskann/diskann-statements.js';
import { correctVectors } from '../vectors/maintenance.js';
import { readProfile } from '../vectors/profile.js';
import { checkLibsql, engineRepair, REBUILD_ANN, REBUILD_FTS, REBUILD_VECTORS, REINDEX } from './check.js';
import { CORRECT_CHUNKS, correctChunks } from './chunks.js';
import { RESTORE_SCHEMA, restoreSchemaObjects } from './schema-objects.js';
import { CORRECT_GENERATIONS, correctGenerations } from './vector-counters.js';

/** See `StoreMaintenance.repair`. Each kind of repair is one transaction. */
export async function repairLibsql(
  driver: SqliteDriver,
  options?: MaintenanceOptions,
): Promise<RepairReport> {
  const before = await checkLibsql(driver, 'full', options);
  const wanted = new Set(before.damages.flatMap(({ repair }) => repair ?? []));
  // A recreated table is empty until it is rebuilt.
  if (wanted.has(RESTORE_SCHEMA)) for (const more of rebuildsAfter(before)) wanted.add(more);
  const repaired: string[] = [];
  const steps = repairs(driver)
    .filter(({ name }) => wanted.has(name))
    .map(
      ({ name, work }): MaintenanceStep => ({
        name,
        work: () => {
          driver.transaction(work);
          repaired.push(name);
        },
      }),
    );
  if (steps.length === 0) return { before, repaired, after: before };
  // Damage that cannot be repaired is what the check afterwards still finds.
  await runSteps(BACKEND_NAME, steps, options, (error) => {
    if (!isStorageError(error, 'STORAGE_CORRUPT')) throw error;
  });
  return { before, repaired, after: await checkLibsql(driver, 'full', options) };
}

/** Repairs in order: later ones read what earlier ones repaired. */
function repairs(driver: SqliteDriver): readonly { readonly name: string; readonly work: () => void }[] {
  const rewriteCodes = () => {
    const profile = readProfile(driver);
    if (profile !== null) rewriteAllLogs(driver, profile);
  };
  return [
    { name: RESTORE_SCHEMA, work: () => restoreSchemaObjects(driver) },
    { name: REINDEX, work: () => reindex(driver) },
    { name: CORRECT_CHUNKS, work: () => correctChunks(driver) },
    { name: REBUILD_FTS, work: () => rebuildFts(driver) },
    {
      name: CORRECT_GENERATIONS,
      work: () => {
        correctGenerations(driver);
        rewriteCodes();
      },
    },
    {
      name: REBUILD_VECTORS,
      work: () => {
        correctVectors(driver, true);
        rewriteCodes();
      },
    },
    { name: REBUILD_ANN, work: () => rebuildAnnIndexes(driver) },
  ];
}

function rebuildsAfter({ damages }: CheckReport): string[] {
  const restored = damages.filter(({ repair }) => repair === RESTORE_SCHEMA);
  const isAbout = (pattern: RegExp) => restored.some(({ detail }) => pattern.test(detail));
  return [
    ...(isAbout(/table documents_fts|view documents_text/) ? [REBUILD_FTS] : []),
    ...(isAbout(/table vector_/) ? [CORRECT_GENERATIONS, REBUILD_VECTORS] : []),
  ];
}

/**
 * Rebuilds every index of the database. Refuses the result if it did not help: pages of a damaged index may belong to
 * something else, and freeing them would spread the damage.
 *
 * @throws StorageError `STORAGE_CORRUPT` if it did not help; the transaction must then be rolled back.
 */
function reindex(driver: SqliteDriver): void {
  const before = engineDamages(driver);
  driver.exec('REINDEX');
  const after = engineDamages(driver);
  const known = new Set(before.map(({ detail }) => detail));
  const isBetter = after.every(({ detail, repair }) => repair !== REINDEX && known.has(detail));
  if (isBetter) return;
  throw new StorageError('STORAGE_CORRUPT', 'Rebuilding the indexes did not repair the database.', {
    backend: BACKEND_NAME,
    outcome: 'not-applied',
  });
}

function engineDamages(driver: SqliteDriver): readonly Damage[] {
  const list = new DamageList();
  checkEngine(driver, list, engineRepair);
  return list.damages;
}

function rebuildAnnIndexes(driver: SqliteDriver): void {
  const profile = readProfile(driver);
  if (profile === null) return;
  for (const { version_id: id } of driver.all<{ version_id: number }>(BUILT_INDEXES))
    buildIndex(driver, id, profile);
}
