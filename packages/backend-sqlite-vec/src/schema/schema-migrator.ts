import type { SqliteDriver } from '@switchyard/sqlite-common';
import type {
  CallOptions,
  CallRunner,
  MigrateOptions,
  MigrationPlan,
  MigrationResult,
  MigrationStatus,
  Migrator,
} from '@switchyard/storage-core';
import { migrateSchema, schemaPlan, schemaStatus } from './migrate.js';

/** The schema of an open store. */
export class SchemaMigrator implements Migrator {
  readonly #run: CallRunner;
  readonly #driver: () => SqliteDriver;

  constructor(run: CallRunner, driver: () => SqliteDriver) {
    this.#run = run;
    this.#driver = driver;
  }

  status(options?: CallOptions): Promise<MigrationStatus> {
    return this.#run(options, () => schemaStatus(this.#driver()));
  }

  plan(options?: CallOptions): Promise<MigrationPlan> {
    return this.#run(options, () => schemaPlan(this.#driver()));
  }

  migrate(options?: MigrateOptions): Promise<MigrationResult> {
    return this.#run(options, () => migrateSchema(this.#driver(), options));
  }
}
