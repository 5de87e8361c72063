/** Measures search quality on judged questions: data sets, measures as trec_eval computes them, and a gate for changes. */
export { weightedKappa } from './agreement/weighted-kappa.js';
export { DatasetError, type FilePlace } from './dataset/dataset-error.js';
export { toPageUrl } from './dataset/page-url.js';
export { readDataset, type TextFile, type TopicsOptions } from './dataset/read-dataset.js';
export { toQrels } from './dataset/to-qrels.js';
export type { Dataset, JudgedQuery, Judgments } from './dataset/types.js';
export {
  compareQuality,
  type GateOptions,
  type GateOutcome,
  MIN_QUERIES,
  type QualityComparison,
} from './gate/compare-quality.js';
export { type RandomizationOptions, randomizationTest } from './gate/randomization-test.js';
export {
  PLANNED_DEVIATION,
  questionsForNonInferiority,
  questionsForSignificance,
  smallestDetectableEffect,
} from './gate/sample-size.js';
export { type EvaluateOptions, type Evaluation, evaluateRun, meanOf } from './measures/evaluate-run.js';
export {
  type MeasureName,
  type MeasureOptions,
  type Measures,
  measureNames,
  measureRanking,
} from './measures/measures.js';
export { type GroupSummary, type Summary, summarize, summaryNames } from './measures/summary.js';
export { type AnswerDifference, differingAnswers } from './search/identical-answers.js';
export {
  DEFAULT_LIMIT,
  type QueryAnswer,
  type SearchQueriesOptions,
  type SearchTarget,
  searchQueries,
  toPages,
  toRun,
} from './search/search-queries.js';
export { type Qrels, readQrels, writeQrels } from './trec/qrels.js';
export { type RankedDocument, type Run, readRun, writeRun } from './trec/run.js';
export { readTopics } from './trec/topics.js';
