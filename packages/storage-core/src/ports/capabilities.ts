import type { Metric } from '../values/profile.js';

/** Vector search method. `exact` is the default and always available; `diskann` trades recall and is opt-in. */
export type SearchMode = 'exact' | 'diskann';

/**
 * Capabilities of a backend, declared once. Routers, documentation and the conformance suite read it; a call that needs
 * what is not declared is refused with `STORAGE_NOT_SUPPORTED` before anything is read or written.
 */
export interface Capabilities {
  /** Metrics the vector index can use; the first is the default of a new store. */
  readonly metrics: readonly [Metric, ...Metric[]];
  /** Ways of searching by vector; `exact` is among them. */
  readonly searchModes: readonly SearchMode[];
  /** Maximum dimension of a vector, in components. */
  readonly maxDimension: number;
  /** True when the data outlives the process. */
  readonly persistent: boolean;
  /** True when several processes may open the same store at once. */
  readonly multiProcess: boolean;
  /** True when mutations may specify the ids of their rows. Default false. */
  readonly assignedIds?: boolean | undefined;
  /** True when `candidates` exists: both lists of a hybrid search in one call. Default false. */
  readonly candidates?: boolean | undefined;
  /** True when the vector index can be rebuilt and audited against the chunks. Default false. */
  readonly vectorMaintenance?: boolean | undefined;
  /** True when the full-text index can be rebuilt and audited against the chunks. Default false. */
  readonly ftsMaintenance?: boolean | undefined;
  /** True when `optimize` exists: merges index segments and compacts what many writes left behind. Default false. */
  readonly optimize?: boolean | undefined;
  /** True when `staging` exists: vectors of another model are gathered while the store is in use. Default false. */
  readonly reembedding?: boolean | undefined;
}

/** The capabilities that are either there or not. */
export type CapabilityFlag = {
  [K in keyof Capabilities]-?: Capabilities[K] extends boolean | undefined ? K : never;
}[keyof Capabilities];
