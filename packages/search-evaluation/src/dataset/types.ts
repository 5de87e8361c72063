/** Relevance grades of the pages judged for a query, by URL; 0 is judged not relevant, and pages without one count as 0. */
export type Judgments = ReadonlyMap<string, number>;

/** A query with the pages that are relevant to it. */
export interface JudgedQuery {
  /** Unique within its data set; without white space, because TREC files separate fields by it. */
  readonly id: string;
  /** Name of the library to search. */
  readonly library: string;
  /** Version to search, as the data set names it; null for the latest. */
  readonly version: string | null;
  /** Text to search for. */
  readonly text: string;
  /** Kind of question, such as `api` or `troubleshooting`; null when the data set does not say. */
  readonly intent: string | null;
  /** Grades by URL, in the order of the data set. */
  readonly judgments: Judgments;
}

/** Judged queries, as read from a file. */
export interface Dataset {
  /** Name for reports: the one in the file, else the name of the file. */
  readonly name: string;
  /** In the order of the file. */
  readonly queries: readonly JudgedQuery[];
}
