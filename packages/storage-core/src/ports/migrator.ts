import type { CallOptions } from './call-options.js';

/** Schema level of a store, compared with the level the backend writes. */
export interface MigrationStatus {
  /**
   * `empty`: no content yet. `current`: latest level. `pending`: steps to apply. `too-new`: written by newer software.
   */
  readonly state: 'empty' | 'current' | 'pending' | 'too-new';
  /** Level of the store; null if it is empty. */
  readonly level: number | null;
  /** Level that the backend writes. */
  readonly latest: number;
}

/** One step of a schema migration. */
export interface MigrationStep {
  /** Stable id of the step. */
  readonly id: string;
  /** Description for people, in one sentence. */
  readonly description: string;
}

/** Steps that a migration would apply. */
export interface MigrationPlan {
  /** Current schema level; null for a store without schema. */
  readonly from: number | null;
  /** Schema level after all steps. */
  readonly to: number;
  /** Steps that `migrate()` would apply, in order; empty at the latest level. */
  readonly steps: readonly MigrationStep[];
}

/** Options of a migration. */
export interface MigrateOptions extends CallOptions {
  /** Called after each step, and during long ones. */
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
  /** True if nothing was changed because `dryRun` was set. */
  readonly dryRun: boolean;
}

/**
 * The schema of the store. Opening and reading never touch it; the first write to an empty store creates it, and a write
 * to a store of an older level is refused with `STORAGE_SCHEMA_OUTDATED` unless `migrate=auto` is set.
 */
export interface Migrator {
  /** Returns the current and the latest schema level. Changes nothing. */
  status(options?: CallOptions): Promise<MigrationStatus>;
  /** Returns the steps that `migrate()` would apply. Changes nothing. */
  plan(options?: CallOptions): Promise<MigrationPlan>;
  /** Migrates the store to the latest level, all steps or none. */
  migrate(options?: MigrateOptions): Promise<MigrationResult>;
}
