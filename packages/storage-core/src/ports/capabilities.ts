import type { Metric } from '../values/profile.js';

/** Vector search method. `exact` is the default and always available; `diskann` is approximate and opt-in. */
export type SearchMode = 'exact' | 'diskann';

/**
 * Ranking of a full-text search.
 *
 * - `fts5-bm25`: the scores are those of SQLite's FTS5, so hits, order and scores are the same on every such backend.
 * - `own`: the same chunks match, but scores and order are the engine's own.
 */
export type FtsRanking = 'fts5-bm25' | 'own';

/**
 * Capabilities of a backend, declared once. Callers, documentation and the conformance suite read them; a call that
 * needs an undeclared capability is refused with `STORAGE_NOT_SUPPORTED` before anything is read or written.
 */
export interface Capabilities {
  /**
   * Supported metrics; the first one is the default of a new store. It is `l2` wherever that is supported, so that the
   * same code ranks alike on every backend.
   */
  readonly metrics: readonly [Metric, ...Metric[]];
  /** Supported vector search methods, including `exact`. */
  readonly searchModes: readonly SearchMode[];
  /** Maximum dimension of a vector, in components. */
  readonly maxDimension: number;
  /** True if the data outlives the process. */
  readonly persistent: boolean;
  /** True if several processes may open the same store at once. */
  readonly multiProcess: boolean;
  /**
   * False if there is no vector search: chunks have no vectors, the store has no profile, and `DocumentStore` embeds
   * nothing. `withoutVectors()` is such a port. Default true.
   */
  readonly vectors?: boolean | undefined;
  /**
   * False if there is no full-text search: hybrid searches use the vector list alone, and searches without a vector are
   * refused. `withoutFts()` is such a port. Default true.
   */
  readonly fts?: boolean | undefined;
  /** Ranking of the full-text search. Default `fts5-bm25`. */
  readonly ranking?: FtsRanking | undefined;
  /** True if mutations may specify the ids of their rows. Default false. */
  readonly assignedIds?: boolean | undefined;
  /** True if `candidates` exists: both lists of a hybrid search in one call. Needs `vectors` and `fts`. Default false. */
  readonly candidates?: boolean | undefined;
  /** True if searches accept a filter. Without it, `DocumentStore` fetches all hits and filters them. Default false. */
  readonly filters?: boolean | undefined;
  /**
   * True if `apply` accepts `removeLibrary`, `clear`, and `deletePages` with a filter. Without it, `DocumentStore` deletes
   * version by version and page by page. Default false.
   */
  readonly bulkDeletion?: boolean | undefined;
  /** True if the vector index can be rebuilt and audited against the chunks. Needs `vectors`. Default false. */
  readonly vectorMaintenance?: boolean | undefined;
  /** True if the full-text index can be rebuilt and audited against the chunks. Needs `fts`. Default false. */
  readonly ftsMaintenance?: boolean | undefined;
  /** True if `optimize` exists: merges index segments and compacts what many writes left behind. Default false. */
  readonly optimize?: boolean | undefined;
  /**
   * True if `staging` exists: vectors of another model are staged while the store is in use. Needs `vectors`. Default
   * false.
   */
  readonly reembedding?: boolean | undefined;
  /** True if `changeLog` exists: the store can take part in a rollout. Default false. */
  readonly changeLog?: boolean | undefined;
}

/** Names of the boolean capabilities. */
export type CapabilityFlag = {
  [K in keyof Capabilities]-?: Capabilities[K] extends boolean | undefined ? K : never;
}[keyof Capabilities];
