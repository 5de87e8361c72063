import { requireKind, type SqliteDriver } from '@switchyard/sqlite-common';
import {
  type MigrateOptions,
  type MigrationPlan,
  type MigrationResult,
  type MigrationStatus,
  StorageError,
} from '@switchyard/storage-core';
import { checkCall } from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import { LATEST_LEVEL, type SchemaStep, schemaSteps, stepChecksum, stepId } from './levels.js';
import { readKind, readSchemaState, type SchemaState } from './state.js';

/** See `Migrator.status`. */
export function schemaStatus({ level }: SchemaState): MigrationStatus {
  return { state: stateOf(level), level, latest: LATEST_LEVEL };
}

/** See `Migrator.plan`. */
export function schemaPlan({ level }: Pick<SchemaState, 'level'>): MigrationPlan {
  const steps = schemaSteps
    .filter((step) => step.level > (level ?? 0))
    .map((step) => ({ id: stepId(step), description: step.description }));
  return { from: level, to: Math.max(level ?? 0, LATEST_LEVEL), steps };
}

/**
 * See `Migrator.migrate`. Safe if several processes migrate at once: the second one finds the work done.
 *
 * @param state state of the schema as just read
 * @throws StorageError `STORAGE_SCHEMA_TOO_NEW`; `STORAGE_SCHEMA_UNSUPPORTED` if another program turned an empty file into
 * something else in the meantime, or if the store ran different texts of these steps.
 */
export function migrateSchema(
  driver: SqliteDriver,
  location: string,
  state: SchemaState,
  options: MigrateOptions = {},
): MigrationResult {
  const { dryRun = false } = options;
  const planned = schemaPlan(state);
  requireKnownLevel(planned.from, location);
  requireSameSteps(state, location);
  if (dryRun || planned.steps.length === 0) {
    return { from: planned.from, to: planned.to, applied: planned.steps.map(({ id }) => id), dryRun };
  }
  return driver.transaction(() => {
    const kind = readKind(driver);
    requireKind(kind, 'switchyard-libsql', { backend: BACKEND_NAME, location });
    const level = kind === 'empty' ? null : readSchemaState(driver).level;
    const { from, to } = schemaPlan({ level });
    requireKnownLevel(from, location);
    const steps = schemaSteps.filter(({ level }) => level > (from ?? 0));
    for (const [done, step] of steps.entries()) {
      checkCall(options, BACKEND_NAME);
      driver.exec(withRecord(step));
      options.onProgress?.({ done: done + 1, total: steps.length, step: stepId(step) });
    }
    return { from, to, applied: steps.map(stepId), dryRun };
  });
}

/** Returns a step and its record as one script, hence one request to a server. Name and checksum are constants. */
function withRecord(step: SchemaStep): string {
  return `${step.sql}

  INSERT INTO switchyard_migrations (id, name, checksum)
  VALUES (${step.level}, '${step.name}', '${stepChecksum(step)}');

  INSERT INTO switchyard_meta (key, value) VALUES ('schema_level', '${step.level}')
  ON CONFLICT (key) DO UPDATE SET value = excluded.value;`;
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

/** Two steps of one number with different texts yield different schemas, on which later steps cannot rely. */
function requireSameSteps({ steps }: SchemaState, location: string): void {
  for (const { id, name, checksum } of steps) {
    const step = schemaSteps.find(({ level }) => level === id);
    if (step === undefined || stepChecksum(step) === checksum) continue;
    throw new StorageError(
      'STORAGE_SCHEMA_UNSUPPORTED',
      `${location} ran step ${stepId({ ...step, name })} of the schema with a different text than this version of ` +
        'Switchyard has: it was created by an unreleased version, or changed by hand. Copy it with the version that ' +
        'created it. Nothing was changed.',
      { backend: BACKEND_NAME, details: { step: id } },
    );
  }
}

function stateOf(level: number | null): MigrationStatus['state'] {
  if (level === null) return 'empty';
  if (level === LATEST_LEVEL) return 'current';
  return level < LATEST_LEVEL ? 'pending' : 'too-new';
}
