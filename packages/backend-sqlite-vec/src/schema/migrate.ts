import type { SqliteDriver } from '@switchyard/sqlite-common';
import {
  isStorageError,
  type MigrateOptions,
  type MigrationPlan,
  type MigrationResult,
  type MigrationStatus,
  StorageError,
} from '@switchyard/storage-core';
import { checkCall } from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import { highestLevel, LATEST_LEVEL, levelOf } from './levels.js';
import { creationStep, recordStep, type SchemaStep, upgradeSteps } from './steps.js';

const hasMigrationsTable = `
SELECT 1
FROM sqlite_master
WHERE type = 'table' AND name = '_schema_migrations'`;

const selectSteps = `
SELECT id
FROM _schema_migrations`;

/** Returns the level of the store; null if it is empty. */
export function readLevel(driver: SqliteDriver): number | null {
  if (driver.first(hasMigrationsTable) === undefined) return null;
  return highestLevel(driver.all<{ id: unknown }>(selectSteps).map(({ id }) => id));
}

/** Implements `Migrator.status`. */
export function schemaStatus(driver: SqliteDriver): MigrationStatus {
  const level = readLevel(driver);
  const latest = LATEST_LEVEL;
  if (level === null) return { state: 'empty', level, latest };
  if (level > latest) return { state: 'too-new', level, latest };
  return { state: level === latest ? 'current' : 'pending', level, latest };
}

function stepsFrom(level: number | null): readonly SchemaStep[] {
  if (level === null) return [creationStep];
  return upgradeSteps.filter((step) => (levelOf(step.id) ?? 0) > level);
}

/** Implements `Migrator.plan`. */
export function schemaPlan(driver: SqliteDriver): MigrationPlan {
  const from = readLevel(driver);
  const steps = stepsFrom(from).map(({ id, description }) => ({ id, description }));
  return { from, to: LATEST_LEVEL, steps };
}

/**
 * Enables WAL mode, so that readers and the application can continue while this adapter writes. The mode is stored in
 * the file, so only writers set it; it has no effect in memory.
 */
export function enableWal(driver: SqliteDriver): void {
  driver.exec('PRAGMA journal_mode = WAL');
}

/**
 * Implements `Migrator.migrate`: brings the store to the latest level in one transaction, all steps or none. Switches a
 * file to WAL mode before it writes; a file that is only read keeps its mode.
 */
export function migrateSchema(driver: SqliteDriver, options: MigrateOptions = {}): MigrationResult {
  const { dryRun = false } = options;
  if (!dryRun) enableWal(driver);
  const plan = schemaPlan(driver);
  if (dryRun || plan.steps.length === 0) return resultOf(plan, dryRun);
  return driver.transaction(() => {
    // Another process may have migrated first: only the level read inside the transaction counts.
    const from = readLevel(driver);
    const steps = stepsFrom(from);
    for (const [done, step] of steps.entries()) {
      checkCall(options, BACKEND_NAME);
      options.onProgress?.({ done, total: steps.length, step: step.id });
      runStep(driver, step);
    }
    checkCall(options, BACKEND_NAME);
    const last = steps.at(-1);
    if (last !== undefined) options.onProgress?.({ done: steps.length, total: steps.length, step: last.id });
    return resultOf({ from, to: LATEST_LEVEL, steps }, false);
  });
}

function runStep(driver: SqliteDriver, step: SchemaStep): void {
  try {
    step.apply(driver);
    if (step !== creationStep) recordStep(driver, step.id);
  } catch (error) {
    if (!isStorageError(error)) throw error;
    throw new StorageError(
      error.code,
      `Step ${step.id} of the schema migration failed, nothing was changed: ${error.message}`,
      { backend: BACKEND_NAME, outcome: 'not-applied', retryable: error.retryable, cause: error },
    );
  }
}

function resultOf(plan: MigrationPlan, dryRun: boolean): MigrationResult {
  return { from: plan.from, to: plan.to, applied: plan.steps.map(({ id }) => id), dryRun };
}
