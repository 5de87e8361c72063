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
  /** A text holds bytes that are not UTF-8. */
  | 'text'
  /** A column that holds JSON does not parse, or has the wrong shape. */
  | 'json'
  /** Copies of a chunk's data that serve searching contradict the chunk or its page. */
  | 'chunk'
  /** Full text and chunks disagree. */
  | 'fts'
  /** Vectors and chunks disagree, or a vector is unusable. */
  | 'vector'
  /** A chunk has no vector, although others of its version have one. */
  | 'vector-missing'
  /** Counters of vector changes contradict the vectors. */
  | 'generation'
  /** An approximate index lost vectors, or holds others than the store. */
  | 'ann-index';

/** One kind of damage, with the rows it concerns. */
export interface Damage {
  /** Kind of the damage, for programs. */
  readonly code: DamageCode;
  /** Description of the damage, in one sentence. */
  readonly detail: string;
  /** Number of occurrences. */
  readonly count: number;
  /** First places where it was found, such as `chunk 17`; at most ten. */
  readonly examples: readonly string[];
  /** Action of {@link StoreMaintenance.repair}; null when the source of truth is itself damaged. */
  readonly repair: string | null;
  /** Recommended action where `repair` is null. */
  readonly advice: string | null;
}

/**
 * `full` reads everything; `quick` looks at structure and counts, and reads no text and no vector. `rows` runs the
 * engine's own check on what a copy carries over: the tables that cannot be rebuilt from others, with their indexes. A
 * damaged index hides rows without an error.
 */
export type CheckScope = 'rows' | 'quick' | 'full';

/** Result of a check. */
export interface CheckReport {
  /** Scope of the check. */
  readonly scope: CheckScope;
  /** Damage found; empty for a sound store. */
  readonly damages: readonly Damage[];
  /** Parts that were not checked, a sentence each. */
  readonly skipped: readonly string[];
}

/** Result of {@link StoreMaintenance.repair}. */
export interface RepairReport {
  /** Report of the check before the repair. */
  readonly before: CheckReport;
  /** Repairs that were made, a sentence each. */
  readonly repaired: readonly string[];
  /** Report of the check after the repair. */
  readonly after: CheckReport;
}

/** Result of {@link StoreMaintenance.reclaim}. */
export interface ReclaimReport {
  /** Bytes on disk before and after; null where the disk is the server's own. */
  readonly bytesBefore: number | null;
  /** Size afterwards, in bytes; null when unknown. */
  readonly bytesAfter: number | null;
  /** Reason why no space could be reclaimed; null when it was. */
  readonly limitation: string | null;
}

/** Progress of a maintenance call. */
export interface MaintenanceProgress {
  /** Units of work done. */
  readonly done: number;
  /** Units of work in total. */
  readonly total: number;
  /** Such as `full text`. */
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
  /** Compares everything that a store holds twice. Changes nothing. */
  check(request: CheckRequest, options?: MaintenanceOptions): Promise<CheckReport>;
  /** Checks, rebuilds from the source of truth what is damaged, and checks again. */
  repair(options?: MaintenanceOptions): Promise<RepairReport>;
  /** Gives the disk space of removed rows back. Changes no answer; writers wait. */
  reclaim(options?: MaintenanceOptions): Promise<ReclaimReport>;
}
