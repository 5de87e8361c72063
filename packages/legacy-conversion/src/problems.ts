/** Kinds of problems of a legacy store. The names are part of the format of the report. */
export type ProblemKind =
  /** The chunk has no vector, although others of the store have one. Kept without a vector. */
  | 'vector-missing'
  /** The embedding has another dimension, is not finite, or is not a JSON array of numbers. Kept without a vector. */
  | 'vector-unusable'
  /** All components are zero. Kept unchanged. */
  | 'vector-zero'
  /** The vector does not have length 1, in a store of vectors with length 1. Kept unchanged. */
  | 'vector-not-normalized'
  /** The vector index of the legacy store lacks the chunk. The stored embedding was used. */
  | 'index-missing'
  /** The vector index of the legacy store has a different vector. The stored embedding was used. */
  | 'index-differs'
  /** The vector index of the legacy store has the chunk under another version. It is now found in its own. */
  | 'index-misplaced'
  /**
   * The chunk has no embedding, and its entry in the vector index is not its vector: of another version, another
   * dimension, or not finite. Kept without a vector.
   */
  | 'index-only'
  /** The vector index of the legacy store has an entry without a chunk. Omitted. */
  | 'index-orphan'
  /** The full-text index of the legacy store lacks the chunk. It is found from now on. */
  | 'fts-missing'
  /** The full-text index of the legacy store has an entry without a chunk. Omitted. */
  | 'fts-orphan'
  /** The full-text entry of the legacy store differs from the chunk and its page. Rebuilt. */
  | 'fts-differ'
  /** A text is not UTF-8. Each ill-formed part became U+FFFD; `column` names the column. */
  | 'text-ill-formed'
  /** A name or URL that became equal to that of another row by this replacement: it got a number. */
  | 'text-numbered'
  /** A trigger of the legacy store is missing: writes since then may be missing from its indexes. */
  | 'trigger-missing'
  /** Another library, or another version of the library, has the same name. The conversion is refused. */
  | 'name-duplicate'
  /** A row without its parent row, which no application can reach. Omitted; `row` contains it. */
  | 'row-orphan'
  /** The store has chunks but no vectors. */
  | 'store-without-vectors'
  /** An unfinished re-embedding. Its new vectors are not converted; those in use are. */
  | 'reembedding-unfinished';

/** One problem of a legacy store: a line of the report. */
export interface ConversionProblem {
  readonly kind: ProblemKind;
  readonly table: 'libraries' | 'versions' | 'pages' | 'documents' | 'documents_vec' | 'documents_fts' | null;
  /** Id of the row; null for a problem of the whole store. */
  readonly id: number | null;
  readonly detail: string;
  /** Affected column, for a problem of a single value. */
  readonly column?: string | undefined;
  /** Columns of an omitted row. */
  readonly row?: Readonly<Record<string, string | number | null>> | undefined;
}

/** Number of problems by kind. */
export type ProblemCounts = Readonly<Partial<Record<ProblemKind, number>>>;

/** Receives problems. */
export type ProblemSink = (problem: ConversionProblem) => void;
