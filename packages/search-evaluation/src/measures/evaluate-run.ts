import type { Qrels } from '../trec/qrels.js';
import type { Run } from '../trec/run.js';
import { type MeasureOptions, type Measures, measureNames, measureRanking } from './measures.js';

/** Options of {@link evaluateRun}. */
export interface EvaluateOptions extends MeasureOptions {
  /**
   * Queries that are averaged: `judged` counts a query without results as 0 (trec_eval: `-c`); `retrieved` leaves it out,
   * as trec_eval does by default. Default `judged`.
   */
  readonly average?: 'judged' | 'retrieved' | undefined;
}

/** Measures of a run. */
export interface Evaluation {
  /** Measures of each query that is averaged, in the order of the judgments. */
  readonly queries: ReadonlyMap<string, Measures>;
  /** Averages over the queries; all 0 without queries. */
  readonly mean: Measures;
}

/**
 * Measures a run against judgments. Queries without judgments are ignored.
 *
 * @example
 * ```ts
 * const qrels = readQrels('1 0 a 1', 'qrels.txt');
 * const run = readRun('1 Q0 b 1 0.9 mine\n1 Q0 a 2 0.8 mine', 'run.txt');
 * evaluateRun(run, qrels).mean.mrr; // 0.5
 * ```
 */
export function evaluateRun(run: Run, qrels: Qrels, options: EvaluateOptions = {}): Evaluation {
  const queries = new Map<string, Measures>();
  for (const [query, judgments] of qrels) {
    const ranking = run.get(query);
    if (ranking === undefined && options.average === 'retrieved') continue;
    const documents = (ranking ?? []).map(({ document }) => document);
    queries.set(query, measureRanking(documents, judgments, options));
  }
  return { queries, mean: meanOf([...queries.values()]) };
}

/** Averages measures; all 0 for an empty list. */
export function meanOf(list: readonly Measures[]): Measures {
  const mean = (name: keyof Measures) =>
    list.length === 0 ? 0 : list.reduce((sum, measures) => sum + measures[name], 0) / list.length;
  return Object.fromEntries(measureNames.map((name) => [name, mean(name)])) as unknown as Measures;
}
