import { z } from './normal.js';
import { type RandomizationOptions, randomizationTest } from './randomization-test.js';
import {
  questionsForNonInferiority,
  questionsForSignificance,
  smallestDetectableEffect,
} from './sample-size.js';

/** Decision about a change. */
export type GateOutcome = 'pass' | 'fail' | 'inconclusive';

/** Options of {@link compareQuality}. */
export interface GateOptions extends RandomizationOptions {
  /** Largest loss that is accepted, in units of the measure. Default 0.02. */
  readonly margin?: number | undefined;
}

/** Result of comparing a change with its baseline, query by query. */
export interface QualityComparison {
  /**
   * `pass`: the 95 % bound of the loss is below the margin; `fail`: it is not, and the loss is significant;
   * `inconclusive`: neither, more questions are needed.
   */
  readonly outcome: GateOutcome;
  /** Number of queries. */
  readonly queries: number;
  /** Number of queries with a higher, a lower and the same score as in the baseline. */
  readonly better: number;
  readonly worse: number;
  readonly same: number;
  /** Mean of the baseline. */
  readonly baseline: number;
  /** Mean of the change. */
  readonly candidate: number;
  /** Mean loss, baseline minus candidate: negative for a gain. */
  readonly loss: number;
  /** Standard deviation of the loss per query. */
  readonly deviation: number;
  /** One-sided 95 % upper bound of the mean loss. */
  readonly lossBound: number;
  /** Largest loss that is accepted. */
  readonly margin: number;
  /** Of the paired randomization test, two-sided. */
  readonly pValue: number;
  /** Smallest difference of means that this number of queries detects with a power of 80 %. */
  readonly detectableEffect: number;
  /** Number of further queries needed for a decision if they behave as these; 0 once decided. */
  readonly queriesNeeded: number;
}

/** Fewer queries than this decide nothing, unless no score changed: the bound assumes a normal mean. */
export const MIN_QUERIES = 30;
const SIGNIFICANCE = 0.05;

/**
 * Compares the scores of a change with those of its baseline on the same queries, in the same order.
 *
 * @throws TypeError when the lists differ in length or are empty.
 *
 * @example
 * ```ts
 * const { outcome } = compareQuality([0.5, 1], [0.5, 1]); // 'pass': nothing changed
 * ```
 */
export function compareQuality(
  baseline: readonly number[],
  candidate: readonly number[],
  { margin = 0.02, ...randomization }: GateOptions = {},
): QualityComparison {
  if (baseline.length !== candidate.length || baseline.length === 0) {
    throw new TypeError('Baseline and candidate must have scores of the same queries, at least one.');
  }
  const losses = baseline.map((score, index) => score - (candidate[index] as number));
  const queries = losses.length;
  const loss = mean(losses);
  const deviation = sampleDeviation(losses, loss);
  const lossBound = loss + (z.p95 * deviation) / Math.sqrt(queries);
  const pValue = randomizationTest(losses, randomization);
  const isUnchanged = losses.every((one) => one === 0);
  const outcome = decide({ isUnchanged, queries, lossBound, margin, pValue, loss });
  const needed = Math.max(
    MIN_QUERIES,
    Math.min(
      questionsForNonInferiority({ loss, deviation, margin }),
      questionsForSignificance(loss, deviation),
    ),
  );
  return {
    outcome,
    queries,
    better: losses.filter((one) => one < 0).length,
    worse: losses.filter((one) => one > 0).length,
    same: losses.filter((one) => one === 0).length,
    baseline: mean(baseline),
    candidate: mean(candidate),
    loss,
    deviation,
    lossBound,
    margin,
    pValue,
    detectableEffect: smallestDetectableEffect(queries),
    queriesNeeded: outcome === 'inconclusive' ? Math.max(1, needed - queries) : 0,
  };
}

interface Evidence {
  readonly isUnchanged: boolean;
  readonly queries: number;
  readonly lossBound: number;
  readonly margin: number;
  readonly pValue: number;
  readonly loss: number;
}

function decide({ isUnchanged, queries, lossBound, margin, pValue, loss }: Evidence): GateOutcome {
  if (isUnchanged) return 'pass';
  if (pValue < SIGNIFICANCE && loss > 0 && lossBound >= margin) return 'fail';
  if (queries < MIN_QUERIES) return 'inconclusive';
  return lossBound < margin ? 'pass' : 'inconclusive';
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** With n − 1; 0 for a single value. */
function sampleDeviation(values: readonly number[], center: number): number {
  if (values.length < 2) return 0;
  const squares = values.reduce((sum, value) => sum + (value - center) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}
