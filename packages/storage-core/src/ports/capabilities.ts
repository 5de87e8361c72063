import type { Metric } from '../values/profile.js';

/** Vector search method. `exact` is the default and always available; `diskann` trades recall and is opt-in. */
export type SearchMode = 'exact' | 'diskann';

/**
 * What a backend can do, declared once. Routers, documentation and the conformance suite read it; a call that needs
 * what is not declared is refused with `STORAGE_NOT_SUPPORTED` before anything is read or written.
 */
export interface Capabilities {
  /** Metrics the vector index can use; the first is the default of a new store. */
  readonly metrics: readonly [Metric, ...Metric[]];
  /** Ways of searching by vector; `exact` is among them. */
  readonly searchModes: readonly SearchMode[];
  /** The longest vector that can be stored, in components. */
  readonly maxDimension: number;
  /** Whether the data outlives the process. */
  readonly persistent: boolean;
  /** Whether several processes may open the same store at once. */
  readonly multiProcess: boolean;
  /** Whether mutations may bring the ids of their rows. */
  readonly assignedIds?: boolean | undefined;
  /** Whether `candidates` is there: both lists of a hybrid search in one call. */
  readonly candidates?: boolean | undefined;
  /** Whether the vector index can be rebuilt and audited against the chunks. */
  readonly vectorMaintenance?: boolean | undefined;
  /** Whether the full-text index can be rebuilt and audited against the chunks. */
  readonly ftsMaintenance?: boolean | undefined;
  /** Whether `optimize` is there: bringing what many writes left behind into its best form. */
  readonly optimize?: boolean | undefined;
  /** Whether `staging` is there: giving the store vectors of another model while it goes on with those it has. */
  readonly reembedding?: boolean | undefined;
}

/** The capabilities that are either there or not. */
export type CapabilityFlag = {
  [K in keyof Capabilities]-?: Capabilities[K] extends boolean | undefined ? K : never;
}[keyof Capabilities];
