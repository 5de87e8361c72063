/** What can be wrong with a legacy store. The words are part of the format of the report. */
export type ProblemKind =
  /** The chunk has no vector, in a store that has some. Kept, without a vector. */
  | 'vector-missing'
  /** The embedding is of another dimension, not finite, or no JSON array of numbers. Kept, without a vector. */
  | 'vector-unusable'
  /** All components are zero. Kept as it is. */
  | 'vector-zero'
  /** Another length than 1, in a store whose vectors have the length 1. Kept as it is. */
  | 'vector-not-normalized'
  /** The index of the legacy store lacks the chunk. The vector beside the text was taken. */
  | 'index-missing'
  /** The index of the legacy store holds another vector. The one beside the text was taken. */
  | 'index-differs'
  /** The index of the legacy store has the chunk under another version than its page. It is found in its own now. */
  | 'index-misplaced'
  /**
   * The chunk has no embedding, and what the index holds for it is not its vector: filed under another version, of
   * another dimension, or not finite. Kept, without a vector.
   */
  | 'index-only'
  /** The index of the legacy store has an entry without a chunk. Left out. */
  | 'index-orphan'
  /** Full text of the legacy store lacks the chunk. Its words are found from now on. */
  | 'fts-missing'
  /** Full text of the legacy store has an entry without a chunk. Left out. */
  | 'fts-orphan'
  /** Full text of the legacy store holds other words than the chunk and its page. Rebuilt. */
  | 'fts-differ'
  /** A text is not UTF-8. Each ill-formed part became U+FFFD; `column` says where. */
  | 'text-ill-formed'
  /** The same of a name or URL that another row has then: it got a number. */
  | 'text-numbered'
  /** A trigger of the legacy store is gone: rows written since may be missing from its indexes. */
  | 'trigger-missing'
  /** Another library, or another version of the library, has the same name. The conversion is refused. */
  | 'name-duplicate'
  /** A row whose parent does not exist, which no application can reach. Left out; `row` holds it. */
  | 'row-orphan'
  /** The store has chunks and no vector at all. */
  | 'store-without-vectors'
  /** A re-embedding was begun and not finished. Its new vectors are left behind; those in use are carried over. */
  | 'reembedding-unfinished';

/** One thing that is wrong with a legacy store: a line of the report. */
export interface ConversionProblem {
  readonly kind: ProblemKind;
  readonly table: 'libraries' | 'versions' | 'pages' | 'documents' | 'documents_vec' | 'documents_fts' | null;
  /** The id of the row; null for what concerns the whole store. */
  readonly id: number | null;
  readonly detail: string;
  /** The column, where the problem is one of a single value. */
  readonly column?: string | undefined;
  /** The columns of a row that was left out. */
  readonly row?: Readonly<Record<string, string | number | null>> | undefined;
}

/** How many problems there are of each kind. */
export type ProblemCounts = Readonly<Partial<Record<ProblemKind, number>>>;

/** Where problems go. */
export type ProblemSink = (problem: ConversionProblem) => void;
