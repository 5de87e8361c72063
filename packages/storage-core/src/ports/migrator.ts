import type { CallOptions } from './call-options.js';

/** Schema level of a store, compared with the level the backend writes. */
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
  /** Stable id of the step. */
  readonly id: string;
  /** One sentence for people. */
  readonly description: string;
}

/** Steps that a migration would apply. */
export interface MigrationPlan {
  /** Present schema level; null for a store without schema. */
  readonly from: number | null;
  /** Schema level after all steps. */
  readonly to: number;
  /** Steps that `migrate()` would apply, in order; empty at the latest level. */
  readonly steps: readonly MigrationStep[];
}

/** Options of a migration. */
export interface MigrateOptions extends CallOptions {
  /** Called after each step, and within long ones. */
  readonly onProgress?:
    | ((progress: { readonly done: number; readonly total: number; readonly step: string }) => void)
    | undefined;
  /** Plans without applying. Default false. */
  readonly dryRun?: boolean | undefined;
}

/** Result of a migration; with `dryRun`, of the one that would run. */
export interface MigrationResult {
  /** Schema level before; null for a store without schema. */
  readonly from: number | null;
  /** Schema level after. */
  readonly to: number;
  /** Ids of the steps applied, in order; with `dryRun`, of those that would be. */
  readonly applied: readonly string[];
  /** True when nothing was changed because `dryRun` was set. */
  readonly dryRun: boolean;
}

/**
 * The schema of the store. Opening and reading never touch it; the first write to an empty store creates it, and a write
 * to a store of an older level is refused with `STORAGE_SCHEMA_OUTDATED` unless `migrate=auto` is set.
 */
export interface Migrator {
  /** Returns the present and the latest schema level. Changes nothing. */
  status(options?: CallOptions): Promise<MigrationStatus>;
  /** Returns the steps that `migrate()` would apply. Changes nothing. */
  plan(options?: CallOptions): Promise<MigrationPlan>;
  /** Brings the store to the latest level, all steps or none. */
  migrate(options?: MigrateOptions): Promise<MigrationResult>;
}
