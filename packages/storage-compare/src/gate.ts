import { countEmpty } from './findings.js';
import type { Comparison, PairResult, StoreResult } from './types.js';

/** Thresholds that make a comparison a gate. Those left out are not checked. */
export interface Thresholds {
  /** Lowest mean tie-aware overlap of any store with the first. */
  readonly minOverlap?: number | undefined;
  /** Lowest mean rank-biased overlap of any store with the first. */
  readonly minRankBiasedOverlap?: number | undefined;
  /** Lowest mean recall of any store. */
  readonly minRecall?: number | undefined;
  /** Lowest recall of the worst query of any store. */
  readonly minWorstRecall?: number | undefined;
  /** Highest number of queries with a real difference. */
  readonly maxDifferent?: number | undefined;
  /** Largest difference of scores. */
  readonly maxScoreDifference?: number | undefined;
  /** Highest median latency of any store divided by that of the first. */
  readonly maxP50Ratio?: number | undefined;
  /** Highest 95th percentile of any store divided by that of the first. */
  readonly maxP95Ratio?: number | undefined;
  /** Highest number of failed searches of any store. */
  readonly maxErrors?: number | undefined;
}

/** One threshold and the value it was held against. */
export interface Check {
  readonly threshold: keyof Thresholds;
  /** Store with the value. */
  readonly store: string;
  /** Null when it could not be measured, which fails the check. */
  readonly value: number | null;
  readonly limit: number;
  readonly passed: boolean;
}

const ofPairs: Partial<Record<keyof Thresholds, (pair: PairResult) => number | null>> = {
  minOverlap: ({ tieAwareOverlap }) => tieAwareOverlap,
  minRankBiasedOverlap: ({ rankBiasedOverlap }) => rankBiasedOverlap,
  maxDifferent: ({ different }) => different,
  maxScoreDifference: ({ scoreDifference }) => scoreDifference,
  maxP50Ratio: ({ latencyRatio }) => latencyRatio?.p50.value ?? null,
  maxP95Ratio: ({ latencyRatio }) => latencyRatio?.p95.value ?? null,
};

const ofStores: Partial<Record<keyof Thresholds, (store: StoreResult) => number | null>> = {
  minRecall: ({ recall }) => recall?.mean ?? null,
  minWorstRecall: ({ recall }) => recall?.worst ?? null,
  maxErrors: ({ errors }) => errors,
};

/** Holds a comparison against thresholds: every store against every threshold that was given. */
export function checkThresholds(comparison: Comparison, thresholds: Thresholds): Check[] {
  // Empty answers are equal, but prove nothing: a typing error in a file of queries must not pass.
  const isEmpty = countEmpty(comparison) === comparison.queries.length;
  return (Object.keys(thresholds) as (keyof Thresholds)[]).flatMap((threshold) => {
    const limit = thresholds[threshold];
    if (limit === undefined) return [];
    const values = [
      ...comparison.pairs.map(
        (pair) => [pair.store, isEmpty && ofPairs[threshold] ? null : ofPairs[threshold]?.(pair)] as const,
      ),
      ...comparison.stores.map((store) => [store.name, ofStores[threshold]?.(store)] as const),
    ].flatMap(([store, value]) => (value === undefined ? [] : [{ store, value }]));
    return values.map(({ store, value }) => ({
      threshold,
      store,
      value,
      limit,
      passed: holds(threshold, value, limit),
    }));
  });
}

/** Means of values that are exactly 1 may come out a rounding below it. */
const ROUNDING = 1e-12;

function holds(threshold: keyof Thresholds, value: number | null, limit: number): boolean {
  if (value === null) return false;
  return threshold.startsWith('min') ? value >= limit - ROUNDING : value <= limit + ROUNDING;
}
