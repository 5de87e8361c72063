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

/** The schema of an open store. */
export class SchemaMigrator implements Migrator {
  readonly #run: CallRunner;
  readonly #session: () => StoreSession;

  constructor(run: CallRunner, session: () => StoreSession) {
    this.#run = run;
    this.#session = session;
  }

  status(options?: CallOptions): Promise<MigrationStatus> {
    return this.#run(options, () => schemaStatus(this.#session().driver));
  }

  plan(options?: CallOptions): Promise<MigrationPlan> {
    return this.#run(options, () => schemaPlan(this.#session().driver));
  }

  migrate(options?: MigrateOptions): Promise<MigrationResult> {
    return this.#run(options, () => {
      const session = this.#session();
      if (options?.dryRun === true) return migrateSchema(session.driver, options);
      return session.migrate(() => migrateSchema(session.driver, options));
    });
  }
}
