import type { Judgments } from '../dataset/types.js';

/** Measures of one ranking, or their averages. */
export interface Measures {
  /** Reciprocal rank of the first relevant page; averaged, the mean reciprocal rank (MRR). trec_eval: `recip_rank`. */
  readonly mrr: number;
  /** Average precision; averaged, MAP. trec_eval: `map`. */
  readonly map: number;
  /** Normalized discounted cumulative gain of the whole ranking; the gain is the grade. trec_eval: `ndcg`. */
  readonly ndcg: number;
  /** `ndcg` with the gain 2^grade − 1, which weighs high grades more. Not in trec_eval. */
  readonly ndcg_exp: number;
  /** `ndcg` of the first 5. trec_eval: `ndcg_cut_5`. */
  readonly ndcg_at_5: number;
  /** `ndcg` of the first 10. trec_eval: `ndcg_cut_10`. */
  readonly ndcg_at_10: number;
  /** `ndcg_exp` of the first 5. */
  readonly ndcg_exp_at_5: number;
  /** `ndcg_exp` of the first 10. */
  readonly ndcg_exp_at_10: number;
  /** Share of the relevant pages among the first 3. trec_eval: `recall_3`. */
  readonly recall_at_3: number;
  /** Share of the relevant pages among the first 5. trec_eval: `recall_5`. */
  readonly recall_at_5: number;
  /** Share of the relevant pages among the first 10. trec_eval: `recall_10`. */
  readonly recall_at_10: number;
  /** 1 when the first page is relevant. trec_eval: `success_1`. */
  readonly hit_at_1: number;
  /** 1 when one of the first 3 pages is relevant. */
  readonly hit_at_3: number;
  /** 1 when one of the first 5 pages is relevant. trec_eval: `success_5`. */
  readonly hit_at_5: number;
}

/** Options of the measures. */
export interface MeasureOptions {
  /** Lowest grade that counts as relevant; nDCG uses the grades themselves. trec_eval: `-l`. Default 1. */
  readonly relevanceLevel?: number | undefined;
}

/** Names of all measures, in the order of reports. */
export const measureNames = [
  'mrr',
  'map',
  'ndcg',
  'ndcg_exp',
  'ndcg_at_5',
  'ndcg_at_10',
  'ndcg_exp_at_5',
  'ndcg_exp_at_10',
  'recall_at_3',
  'recall_at_5',
  'recall_at_10',
  'hit_at_1',
  'hit_at_3',
  'hit_at_5',
] as const satisfies readonly (keyof Measures)[];

/** Name of a measure. */
export type MeasureName = (typeof measureNames)[number];

/**
 * Computes all measures of one ranking. Documents without a grade, and those with a negative one, gain nothing.
 *
 * @param ranking Document names, best first, each at most once.
 * @throws TypeError when a document occurs twice.
 *
 * @example
 * ```ts
 * measureRanking(['a', 'x', 'b'], new Map([['a', 3], ['b', 1]])).map; // (1 + 2/3) / 2
 * ```
 */
export function measureRanking(
  ranking: readonly string[],
  judgments: Judgments,
  { relevanceLevel = 1 }: MeasureOptions = {},
): Measures {
  if (new Set(ranking).size !== ranking.length) throw new TypeError('A ranking must not repeat a document.');
  const grades = ranking.map((document) => judgments.get(document) ?? 0);
  const relevant = grades.map((grade) => grade >= relevanceLevel);
  const relevantCount = [...judgments.values()].filter((grade) => grade >= relevanceLevel).length;
  const first = relevant.indexOf(true);
  const hitAt = (depth: number) => (first !== -1 && first < depth ? 1 : 0);
  const recallAt = (depth: number) =>
    relevantCount === 0 ? 0 : relevant.slice(0, depth).filter(Boolean).length / relevantCount;
  const linear = normalizedGain(grades, judgments, (grade) => grade);
  const exponential = normalizedGain(grades, judgments, (grade) => 2 ** grade - 1);
  return {
    mrr: first === -1 ? 0 : 1 / (first + 1),
    map: averagePrecision(relevant, relevantCount),
    ndcg: linear(Number.POSITIVE_INFINITY),
    ndcg_exp: exponential(Number.POSITIVE_INFINITY),
    ndcg_at_5: linear(5),
    ndcg_at_10: linear(10),
    ndcg_exp_at_5: exponential(5),
    ndcg_exp_at_10: exponential(10),
    recall_at_3: recallAt(3),
    recall_at_5: recallAt(5),
    recall_at_10: recallAt(10),
    hit_at_1: hitAt(1),
    hit_at_3: hitAt(3),
    hit_at_5: hitAt(5),
  };
}

function averagePrecision(relevant: readonly boolean[], relevantCount: number): number {
  let found = 0;
  let sum = 0;
  for (const [index, isRelevant] of relevant.entries()) {
    if (!isRelevant) continue;
    found += 1;
    sum += found / (index + 1);
  }
  return relevantCount === 0 ? 0 : sum / relevantCount;
}

/** Järvelin and Kekäläinen (2002), with the logarithm of base 2 at every rank: gain / log2(rank + 1). */
function normalizedGain(
  grades: readonly number[],
  judgments: Judgments,
  gain: (grade: number) => number,
): (depth: number) => number {
  const ideal = [...judgments.values()].sort((a, b) => b - a);
  const cumulate = (list: readonly number[], depth: number) =>
    list
      .slice(0, Math.min(depth, list.length))
      .reduce((sum, grade, index) => sum + (grade > 0 ? gain(grade) / Math.log2(index + 2) : 0), 0);
  return (depth) => {
    const best = cumulate(ideal, depth);
    return best === 0 ? 0 : cumulate(grades, depth) / best;
  };
}
