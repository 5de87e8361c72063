import {
  identifyStore,
  LIBSQL_MARKER_TABLE,
  requireKind,
  type SqliteDriver,
  TABLE_NAMES,
} from '@switchyard/sqlite-common';
import {
  checkCall,
  type MigrateOptions,
  type MigrationPlan,
  type MigrationResult,
  type MigrationStatus,
  StorageError,
} from '@switchyard/storage-core';
import { BACKEND_NAME } from '../capabilities.js';
import { LATEST_LEVEL, schemaSteps, stepChecksum, stepId } from './levels.js';
import { readMeta, writeMeta } from './meta.js';

const MARKER_EXISTS = `
  SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = '${LIBSQL_MARKER_TABLE}'`;

const RECORD_STEP = `
  INSERT INTO switchyard_migrations (id, name, checksum) VALUES (?1, ?2, ?3)`;

const RECORDED_STEPS = `
  SELECT id, name, checksum FROM switchyard_migrations ORDER BY id`;

/** The level of a store; null when it is empty. */
export function readLevel(driver: SqliteDriver): number | null {
  if (driver.first(MARKER_EXISTS) === undefined) return null;
  return Number(readMeta(driver).get('schema_level') ?? 0);
}

/** See `Migrator.status`. */
export function schemaStatus(driver: SqliteDriver): MigrationStatus {
  const level = readLevel(driver);
  return { state: stateOf(level), level, latest: LATEST_LEVEL };
}

/** See `Migrator.plan`. */
export function schemaPlan(driver: SqliteDriver): MigrationPlan {
  const level = readLevel(driver);
  const steps = schemaSteps
    .filter((step) => step.level > (level ?? 0))
    .map((step) => ({ id: stepId(step), description: step.description }));
  return { from: level, to: Math.max(level ?? 0, LATEST_LEVEL), steps };
}

/**
 * See `Migrator.migrate`. Safe when several processes do it at once: who comes second finds the work done.
 *
 * @throws StorageError `STORAGE_SCHEMA_TOO_NEW`; `STORAGE_SCHEMA_UNSUPPORTED` when another program has made something
 * else of an empty file meanwhile, or when the store ran steps of another text than these.
 */
export function migrateSchema(
  driver: SqliteDriver,
  location: string,
  options: MigrateOptions = {},
): MigrationResult {
  const { dryRun = false } = options;
  const planned = schemaPlan(driver);
  requireKnownLevel(planned.from, location);
  if (planned.from !== null) requireSameSteps(driver, location);
  if (dryRun || planned.steps.length === 0) {
    return { from: planned.from, to: planned.to, applied: planned.steps.map(({ id }) => id), dryRun };
  }
  return driver.transaction(() => {
    const { from, to } = schemaPlan(driver);
    requireKnownLevel(from, location);
    const names = driver.all<{ name: string }>(TABLE_NAMES).map(({ name }) => name);
    requireKind(identifyStore(names), 'switchyard-libsql', { backend: BACKEND_NAME, location });
    const steps = schemaSteps.filter(({ level }) => level > (from ?? 0));
    for (const [done, step] of steps.entries()) {
      checkCall(options, BACKEND_NAME);
      driver.exec(step.sql);
      driver.run(RECORD_STEP, [step.level, step.name, stepChecksum(step)]);
      writeMeta(driver, 'schema_level', String(step.level));
      options.onProgress?.({ done: done + 1, total: steps.length, step: stepId(step) });
    }
    return { from, to, applied: steps.map(stepId), dryRun };
  });
}

/** @throws StorageError `STORAGE_SCHEMA_TOO_NEW`. */
export function requireKnownLevel(level: number | null, location: string): void {
  if (stateOf(level) !== 'too-new') return;
  throw new StorageError(
    'STORAGE_SCHEMA_TOO_NEW',
    `${location} has schema level ${level}; this version of Switchyard knows levels up to ${LATEST_LEVEL}. ` +
      'Upgrade Switchyard. Nothing was changed.',
    { backend: BACKEND_NAME, details: { level, latest: LATEST_LEVEL } },
  );
}

/** Two steps of one number and different texts lead to different schemas: what comes next would build on sand. */
function requireSameSteps(driver: SqliteDriver, location: string): void {
  const recorded = driver.all<{ id: number; name: string; checksum: string }>(RECORDED_STEPS);
  for (const { id, name, checksum } of recorded) {
    const step = schemaSteps.find(({ level }) => level === id);
    if (step === undefined || stepChecksum(step) === checksum) continue;
    throw new StorageError(
      'STORAGE_SCHEMA_UNSUPPORTED',
      `${location} ran step ${stepId({ ...step, name })} of the schema with another text than this version of ` +
        'Switchyard has: it was made by a version that was never released, or was changed by hand. Copy it with the ' +
        'version that made it. Nothing was changed.',
      { backend: BACKEND_NAME, details: { step: id } },
    );
  }
}

function stateOf(level: number | null): MigrationStatus['state'] {
  if (level === null) return 'empty';
  if (level === LATEST_LEVEL) return 'current';
  return level < LATEST_LEVEL ? 'pending' : 'too-new';
}
