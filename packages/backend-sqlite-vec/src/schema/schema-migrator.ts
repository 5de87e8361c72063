import type {
  CallOptions,
  MigrateOptions,
  MigrationPlan,
  MigrationResult,
  MigrationStatus,
} from '@switchyard/storage-core';
import type { CallRunner, Migrator } from '@switchyard/storage-core/backend';
import type { StoreSession } from '../store/session.js';
import { migrateSchema, schemaPlan, schemaStatus } from './migrate.js';

/** Dependencies of a {@link SchemaMigrator}. */
export interface SchemaMigratorContext {
  /** Runs calls that read. */
  readonly run: CallRunner;
  /** Runs calls that write, on a file that it creates if there is none. */
  readonly runMigration: CallRunner;
  readonly session: () => StoreSession;
  /** Migrates a store that has content elsewhere, such as in a child process; null to do it here. */
  readonly elsewhere: Migrator['migrate'] | null;
}

/** The schema of an open store. */
export class SchemaMigrator implements Migrator {
  readonly #context: SchemaMigratorContext;

  constructor(context: SchemaMigratorContext) {
    this.#context = context;
  }

  status(options?: CallOptions): Promise<MigrationStatus> {
    const { run, session } = this.#context;
    return run(options, () => schemaStatus(session().driver));
  }

  plan(options?: CallOptions): Promise<MigrationPlan> {
    const { run, session } = this.#context;
    return run(options, () => schemaPlan(session().driver));
  }

  migrate(options?: MigrateOptions): Promise<MigrationResult> {
    const { run, runMigration, session, elsewhere } = this.#context;
    if (options?.dryRun === true) return run(options, () => migrateSchema(session().driver, options));
    return runMigration(options, () =>
      session().migrate(() => {
        const { driver } = session();
        const isPending = elsewhere !== null && schemaStatus(driver).state === 'pending';
        return isPending ? elsewhere(options) : migrateSchema(driver, options);
      }),
    );
  }
}
