import type { CallOptions } from './call-options.js';

/** Kind of damage. Codes are stable. */
export type DamageCode =
  /** The engine's own check fails: pages, tables or indexes of the database contradict each other. */
  | 'engine'
  /** Part of the store cannot be read at all. */
  | 'unreadable'
  /** A table, index, view or trigger of the schema is missing. */
  | 'schema'
  /** A row refers to a row that does not exist. */
  | 'reference'
  /** A text contains bytes that are not UTF-8. */
  | 'text'
  /** A JSON column does not parse, or has the wrong shape. */
  | 'json'
  /** Columns derived for search contradict the chunk or its page. */
  | 'chunk'
  /** The full-text index and the chunks disagree. */
  | 'fts'
  /** Vectors and chunks disagree, or a vector is unusable. */
  | 'vector'
  /** A chunk has no vector, although others of its version have one. */
  | 'vector-missing'
  /** Counters of vector changes contradict the vectors. */
  | 'generation'
  /** An approximate index lacks vectors, or holds others than the store. */
  | 'ann-index';

/** One kind of damage, with the affected rows. */
export interface Damage {
  /** Kind of the damage, for programs. */
  readonly code: DamageCode;
  /** Description of the damage, in one sentence. */
  readonly detail: string;
  /** Number of occurrences. */
  readonly count: number;
  /** First affected places, such as `chunk 17`; at most ten. */
  readonly examples: readonly string[];
  /** Action of {@link StoreMaintenance.repair}; null if the source of truth is itself damaged. */
  readonly repair: string | null;
  /** Recommended action if `repair` is null. */
  readonly advice: string | null;
}

/**
 * Extent of a check. `full` reads everything. `quick` examines structure and counts, and reads no text or vector.
 * `rows` runs the engine's own check on the data of a copy: the tables that cannot be rebuilt from others, with their
 * indexes. A damaged index hides rows without an error.
 */
export type CheckScope = 'rows' | 'quick' | 'full';

/** Result of a check. */
export interface CheckReport {
  /** Scope of the check. */
  readonly scope: CheckScope;
  /** Damage found; empty for a sound store. */
  readonly damages: readonly Damage[];
  /** Parts that were not checked, one sentence each. */
  readonly skipped: readonly string[];
}

/** Result of {@link StoreMaintenance.repair}. */
export interface RepairReport {
  /** Report of the check before the repair. */
  readonly before: CheckReport;
  /** Repairs that were made, one sentence each. */
  readonly repaired: readonly string[];
  /** Report of the check after the repair. */
  readonly after: CheckReport;
}

/** Result of {@link StoreMaintenance.reclaim}. */
export interface ReclaimReport {
  /** Size before, in bytes; null if unknown, as on a server. */
  readonly bytesBefore: number | null;
  /** Size afterwards, in bytes; null if unknown. */
  readonly bytesAfter: number | null;
  /** Reason why no space could be reclaimed; null if it was. */
  readonly limitation: string | null;
}

/** Progress of a maintenance call. */
export interface MaintenanceProgress {
  /** Units of work done. */
  readonly done: number;
  /** Units of work in total. */
  readonly total: number;
  /** Name of the step, such as `full text`. */
  readonly step: string;
}

/** Options of a maintenance call. */
export interface MaintenanceOptions extends CallOptions {
  /** Called before each step, and once after the last. */
  readonly onProgress?: ((progress: MaintenanceProgress) => void) | undefined;
}

/** Request of a check. */
export interface CheckRequest {
  /** Scope of the check. */
  readonly scope: CheckScope;
}

/**
 * Checks, repairs and shrinks a store. Optional: a backend without it is checked through its audits by
 * {@link checkStore}.
 */
export interface StoreMaintenance {
  /** Compares all data that is stored twice. Changes nothing. */
  check(request: CheckRequest, options?: MaintenanceOptions): Promise<CheckReport>;
  /** Checks the store, rebuilds damaged parts from the source of truth, and checks again. */
  repair(options?: MaintenanceOptions): Promise<RepairReport>;
  /** Frees the disk space of removed rows. Results do not change; writers wait. */
  reclaim(options?: MaintenanceOptions): Promise<ReclaimReport>;
}
