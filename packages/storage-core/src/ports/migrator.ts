import type { CallOptions } from './call-options.js';

/** How the schema of a store stands to what the backend writes. */
export interface MigrationStatus {
  /** `empty`: nothing there yet. `current`. `pending`: steps to run. `too-new`: written by newer software. */
  readonly state: 'empty' | 'current' | 'pending' | 'too-new';
  /** The level of the store; null when it is empty. */
  readonly level: number | null;
  /** The level the backend writes. */
  readonly latest: number;
}

/** One step of a schema migration. */
export interface MigrationStep {
  readonly id: string;
  readonly description: string;
}

/** What a migration would do. */
export interface MigrationPlan {
  readonly from: number | null;
  readonly to: number;
  readonly steps: readonly MigrationStep[];
}

/** How a migration is run. */
export interface MigrateOptions extends CallOptions {
  readonly onProgress?:
    | ((progress: { readonly done: number; readonly total: number; readonly step: string }) => void)
    | undefined;
  /** Plans without applying. Default false. */
  readonly dryRun?: boolean | undefined;
}

/** What a migration did, or with `dryRun` would do. */
export interface MigrationResult {
  readonly from: number | null;
  readonly to: number;
  readonly applied: readonly string[];
  readonly dryRun: boolean;
}

/**
 * The schema of the store. Opening and reading never touch it; the first write to an empty store creates it, and a write
 * to a store of an older level is refused with `STORAGE_SCHEMA_OUTDATED` unless the backend was told to migrate.
 */
export interface Migrator {
  status(options?: CallOptions): Promise<MigrationStatus>;
  plan(options?: CallOptions): Promise<MigrationPlan>;
  /** Brings the store to the latest level, all steps or none. */
  migrate(options?: MigrateOptions): Promise<MigrationResult>;
}
