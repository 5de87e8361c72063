import { bootstrap, type Estimate, meanWithInterval, quantile } from '../statistics/intervals.js';
import { pairedRandomizationTest } from '../statistics/paired-test.js';
import { seededRandom } from '../statistics/random.js';
import {
  type Answer,
  type ComparedQuery,
  type IntentResult,
  isRealDifference,
  type LatencySummary,
  type PairResult,
  type Relation,
  relations,
} from '../types.js';

/** Settings of the resampling. */
export interface ResamplingSettings {
  readonly seed: number;
  readonly resamples: number;
}

/** Summarizes the latency of a store over its successful searches; null without any. */
export function summarizeLatency(
  answers: readonly Answer[],
  { seed, resamples }: ResamplingSettings,
): LatencySummary | null {
  const groups = answers.map(({ milliseconds }) => milliseconds).filter((times) => times.length > 0);
  const all = groups.flat();
  if (all.length === 0) return null;
  const at = (p: number): Estimate =>
    bootstrap(groups.length, (drawn) => drawnQuantile(groups, drawn, p), {
      resamples,
      random: seededRandom(seed),
    });
  return {
    searches: all.length,
    mean: all.reduce((sum, time) => sum + time, 0) / all.length,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
  };
}

/** Compares the latencies of two stores over the queries that both answered; null without any. */
export function summarizeRatio(
  a: readonly Answer[],
  b: readonly Answer[],
  { seed, resamples }: ResamplingSettings,
): PairResult['latencyRatio'] {
  const both = a.flatMap(({ milliseconds }, index) => {
    const other = b[index]?.milliseconds ?? [];
    return milliseconds.length === 0 || other.length === 0 ? [] : [[milliseconds, other] as const];
  });
  if (both.length === 0) return null;
  const [ofA, ofB] = [both.map(([times]) => times), both.map(([, times]) => times)];
  // The same queries are drawn for both, so that what makes a query slow in both cancels out.
  const ratio = (p: number): Estimate =>
    bootstrap(both.length, (drawn) => drawnQuantile(ofB, drawn, p) / drawnQuantile(ofA, drawn, p), {
      resamples,
      random: seededRandom(seed),
    });
  const differences = both.map(([one, other]) => Math.log(quantile(other, 0.5) / quantile(one, 0.5)));
  const pValue = pairedRandomizationTest(differences, { rounds: 9_999, random: seededRandom(seed) });
  return { p50: ratio(0.5), p95: ratio(0.95), pValue };
}

/** Summarizes how a store's answers relate to those of the first one. */
export function summarizePair(
  queries: readonly ComparedQuery[],
  pair: number,
  names: { readonly store: string; readonly reference: string },
  settings: ResamplingSettings,
): PairResult {
  const pairs = queries.map(({ pairs: ofQuery }) => ofQuery[pair] as ComparedQuery['pairs'][number]);
  const counts = Object.fromEntries(relations.map((relation) => [relation, 0])) as Record<Relation, number>;
  for (const { relation } of pairs) counts[relation] += 1;
  const mean = (pick: (one: (typeof pairs)[number]) => number) =>
    pairs.length === 0 ? 1 : pairs.reduce((sum, one) => sum + pick(one), 0) / pairs.length;
  const largest = pairs.reduce(
    (found, { scoreDifference }, index) =>
      scoreDifference > found.value ? { value: scoreDifference, index } : found,
    { value: 0, index: 0 },
  );
  return {
    ...names,
    relations: counts,
    different: pairs.filter(({ relation }) => isRealDifference(relation)).length,
    overlap: mean(({ overlap }) => overlap),
    tieAwareOverlap: mean(({ tieAwareOverlap }) => tieAwareOverlap),
    rankBiasedOverlap: mean(({ rankBiasedOverlap }) => rankBiasedOverlap),
    worstRankBiasedOverlap: Math.min(1, ...pairs.map(({ rankBiasedOverlap }) => rankBiasedOverlap)),
    scoreDifference: largest.value,
    scoreDifferenceQuery: largest.index,
    latencyRatio: summarizeRatio(
      queries.map(({ answers }) => answers[0] as Answer),
      queries.map(({ answers }) => answers[pair + 1] as Answer),
      settings,
    ),
    intents: summarizeIntents(queries, pair, settings),
  };
}

function summarizeIntents(
  queries: readonly ComparedQuery[],
  pair: number,
  { seed, resamples }: ResamplingSettings,
): IntentResult[] {
  const names = [...new Set(queries.flatMap(({ intent }) => intent ?? []))].sort();
  return names.map((intent) => {
    const own = queries.filter((query) => query.intent === intent).map(({ pairs }) => pairs[pair]);
    const interval = (pick: (one: ComparedQuery['pairs'][number]) => number) =>
      meanWithInterval(
        own.flatMap((one) => (one === undefined ? [] : [pick(one)])),
        { resamples, random: seededRandom(seed) },
      );
    return {
      intent,
      queries: own.length,
      overlap: interval(({ tieAwareOverlap }) => tieAwareOverlap),
      rankBiasedOverlap: interval(({ rankBiasedOverlap }) => rankBiasedOverlap),
    };
  });
}

function drawnQuantile(groups: readonly (readonly number[])[], drawn: Int32Array, p: number): number {
  let size = 0;
  for (const index of drawn) size += (groups[index] as readonly number[]).length;
  const times = new Float64Array(size);
  let at = 0;
  for (const index of drawn) {
    for (const time of groups[index] as readonly number[]) {
      times[at] = time;
      at += 1;
    }
  }
  return quantile(times, p);
}
