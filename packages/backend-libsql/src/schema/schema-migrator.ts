import { beforeWriting, type SqliteDriver } from '@switchyard/sqlite-common';
import type {
  CallOptions,
  MigrateOptions,
  MigrationPlan,
  MigrationResult,
  MigrationStatus,
} from '@switchyard/storage-core';
import type { CallRunner, Migrator } from '@switchyard/storage-core/backend';
import { migrateSchema, schemaPlan, schemaStatus } from './migrate.js';
import { readSchemaState } from './state.js';

/** Dependencies of a {@link SchemaMigrator}. */
export interface SchemaMigratorContext {
  readonly run: CallRunner;
  readonly driver: () => SqliteDriver;
  /** The store, without secrets, for messages. */
  readonly location: string;
  /** Prepares the store for the first write, and creates its file if there is none. */
  readonly prepare: (options: CallOptions | undefined) => void | Promise<void>;
  /** Waits until the schema that was just created is visible. */
  readonly made: (options: CallOptions | undefined) => Promise<void>;
}

/** Schema of an open store. */
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
    const { run, driver, location, prepare, made } = this.#context;
    return run(options, async () => {
      if (options?.dryRun === true)
        return migrateSchema(driver(), location, readSchemaState(driver()), options);
      await prepare(options);
      const result = beforeWriting(() =>
        migrateSchema(driver(), location, readSchemaState(driver()), options),
      );
      if (result.applied.length > 0) await made(options);
      return result;
    });
  }
}
