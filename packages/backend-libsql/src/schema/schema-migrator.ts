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
import { readSchemaState } from './state.js';

/** What a {@link SchemaMigrator} works with. */
export interface SchemaMigratorContext {
  readonly run: CallRunner;
  readonly driver: () => SqliteDriver;
  /** The store, without secrets, for messages. */
  readonly location: string;
  /** Makes the file ready to be written. */
  readonly prepare: () => void;
}

/** The schema of an open store. */
export class SchemaMigrator implements Migrator {
  readonly #context: SchemaMigratorContext;

  constructor(context: SchemaMigratorContext) {
    this.#context = context;
  }

  status(options?: CallOptions): Promise<MigrationStatus> {
    return this.#context.run(options, () => schemaStatus(readSchemaState(this.#context.driver())));
  }

  plan(options?: CallOptions): Promise<MigrationPlan> {
    return this.#context.run(options, () => schemaPlan(readSchemaState(this.#context.driver())));
  }

  migrate(options?: MigrateOptions): Promise<MigrationResult> {
    const { run, driver, location, prepare } = this.#context;
    return run(options, () => {
      if (options?.dryRun !== true) prepare();
      return migrateSchema(driver(), location, readSchemaState(driver()), options);
    });
  }
}
