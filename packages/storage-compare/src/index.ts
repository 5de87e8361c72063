/**
 * Side-by-side comparison of documentation stores: the same searches on all of them, their answers, latency, sizes and
 * counts, and a report page.
 */
export { type Finding, findingsOf, verdictOf } from './findings.js';
export { type Check, checkThresholds, type Thresholds } from './gate.js';
export { askStores, type LiveAnswer } from './live/ask-stores.js';
export { type LiveQuestion, type ServedReport, type ServeOptions, serveReport } from './live/serve-report.js';
export { overlapAt } from './measures/overlap.js';
export { rankBiasedOverlap } from './measures/rank-biased-overlap.js';
export { isNear, type Ranked, tieGroups } from './measures/ties.js';
export { type SampledQuery, type SampleOptions, sampleQueries } from './queries/sample-queries.js';
export { type ReportOptions, renderReport } from './report/report-page.js';
export { type CompareOptions, type CompareProgress, compareStores } from './run/compare-stores.js';
export type { Estimate } from './statistics/intervals.js';
export {
  type Answer,
  type ComparedChunk,
  type ComparedHit,
  type ComparedQuery,
  type ComparedStore,
  type ComparedVersion,
  type CompareQuery,
  type Comparison,
  type ComparisonSettings,
  type Environment,
  type IntentResult,
  isRealDifference,
  type LatencySummary,
  type ListRelation,
  type PairedAnswer,
  type PairResult,
  type RecallSummary,
  type Relation,
  relations,
  type SearchableStore,
  type StoreResult,
} from './types.js';
