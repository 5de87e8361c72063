import {
  type AnswerDifference,
  type Dataset,
  evaluateRun,
  type Measures,
  type QualityComparison,
  type QueryAnswer,
  type RankedDocument,
  type Summary,
  smallestDetectableEffect,
  summarize,
  toQrels,
  toRun,
} from '@switchyard/search-evaluation';

/** Identifies the JSON of a result, which also serves as a baseline. */
export const RESULT_FORMAT = 'switchyard-evaluation/1';

/** Number of pages that measures at 10 look at. */
const DEEPEST_CUT = 10;

/** Measures and ranking of one query. */
export interface QueryResult {
  readonly id: string;
  readonly library: string;
  /** As searched; null when the store does not have the library. */
  readonly version: string | null;
  readonly query: string;
  readonly intent: string | null;
  readonly measures: Measures;
  readonly pages: readonly RankedDocument[];
}

/** Output of `switchyard evaluate --json`. */
export interface EvaluationResult extends Summary {
  readonly format: typeof RESULT_FORMAT;
  /** Number of chunks per search. */
  readonly limit: number;
  readonly mode: 'hybrid' | 'fts';
  /** Model of the query vectors; null without. */
  readonly model: string | null;
  /** Averages of all measures. */
  readonly measures: Measures;
  /** Number of queries with fewer than ten pages, to which measures at 10 are less strict. */
  readonly fewPages: number;
  /** Libraries and versions that the store does not have; their queries count as 0. */
  readonly missing: readonly string[];
  /** Smallest difference of means that this number of queries detects. */
  readonly detectableEffect: number;
  readonly identity?: { readonly store: string; readonly differing: readonly AnswerDifference[] };
  readonly gate?: QualityComparison & { readonly measure: keyof Measures; readonly file: string };
  readonly results: readonly QueryResult[];
}

/** Settings with which the answers of a result were made. */
export interface ResultSettings {
  readonly dataset: Dataset;
  readonly answers: readonly QueryAnswer[];
  readonly limit: number;
  readonly model: string | null;
  readonly missing: readonly string[];
}

/** Measures answers. */
export function toResult({ dataset, answers, limit, model, missing }: ResultSettings): EvaluationResult {
  const { queries, mean } = evaluateRun(toRun(answers), toQrels(dataset));
  const answerOf = new Map(answers.map((answer) => [answer.id, answer]));
  const results = dataset.queries.map(({ id, library, text, intent }) => {
    const { target = null, pages = [] } = answerOf.get(id) ?? {};
    const measures = queries.get(id) as Measures;
    return { id, library, version: target?.version ?? null, query: text, intent, measures, pages };
  });
  return {
    format: RESULT_FORMAT,
    ...summarize(dataset, queries),
    limit,
    mode: model === null ? 'fts' : 'hybrid',
    model,
    measures: mean,
    fewPages: results.filter(({ version, pages }) => version !== null && pages.length < DEEPEST_CUT).length,
    missing,
    detectableEffect: smallestDetectableEffect(results.length),
    results,
  };
}
