import { overlapAt } from '../measures/overlap.js';
import { rankBiasedOverlap } from '../measures/rank-biased-overlap.js';
import { isNear, tieGroups } from '../measures/ties.js';
import {
  type Answer,
  type ComparedHit,
  isRealDifference,
  type PairedAnswer,
  type Relation,
} from '../types.js';
import type { Evidence } from './near-ties.js';

/** Criteria for judging a pair of answers. */
export interface PairSettings {
  readonly limit: number;
  readonly tolerance: number;
  readonly persistence: number;
  /** Looks for the reason of a difference; reads the lists of both stores, so it is only asked when needed. */
  readonly explain: () => Promise<Evidence>;
}

/** Compares the answer of a store with that of the first one. */
export async function pairAnswers(a: Answer, b: Answer, settings: PairSettings): Promise<PairedAnswer> {
  if (a.error !== null || b.error !== null) {
    const isSame = a.error !== null && b.error !== null && a.error.code === b.error.code;
    const value = isSame ? 1 : 0;
    return {
      relation: 'error',
      overlap: value,
      tieAwareOverlap: value,
      rankBiasedOverlap: value,
      scoreDifference: 0,
      vectorList: null,
      wordsList: null,
    };
  }
  const { limit, tolerance, persistence, explain } = settings;
  const observed = relate(a.hits, b.hits, tolerance);
  const evidence = observed === 'identical' ? null : await explain();
  const relation = judge(observed, evidence, sameTexts(a.hits, b.hits));
  const [keysA, keysB] = [a.hits.map(({ key }) => key), b.hits.map(({ key }) => key)];
  const overlap = overlapAt(limit, keysA, keysB);
  return {
    relation,
    overlap,
    tieAwareOverlap: isRealDifference(relation) ? overlap : 1,
    rankBiasedOverlap: rankBiasedOverlap(
      tieGroups(a.hits, tolerance),
      tieGroups(b.hits, tolerance),
      persistence,
    ),
    scoreDifference: largestScoreDifference(a.hits, b.hits),
    vectorList: evidence?.vectorList ?? null,
    wordsList: evidence?.wordsList ?? null,
  };
}

/** Rounding explains all but another text. */
function judge(observed: Relation, evidence: Evidence | null, hasSameTexts: boolean): Relation {
  if (evidence?.isNearTie !== true) return observed;
  return hasSameTexts ? 'near-tie' : 'text';
}

/** The relation before its reason is known. */
function relate(a: readonly ComparedHit[], b: readonly ComparedHit[], tolerance: number): Relation {
  const common = inBoth(a, b);
  const sameHits = common.length === a.length && a.length === b.length;
  const sameOrder = sameHits && a.every(({ key }, index) => key === b[index]?.key);
  const sameRanks = common.every(
    ([one, other]) => one.vecRank === other.vecRank && one.ftsRank === other.ftsRank,
  );
  const sameScores = common.every(([one, other]) => isNear(one.score, other.score, tolerance));
  if (!sameHits) return 'hits';
  if (!sameOrder) return 'order';
  if (!sameTexts(a, b)) return 'text';
  if (!sameRanks) return 'ranks';
  return sameScores ? 'identical' : 'scores';
}

function sameTexts(a: readonly ComparedHit[], b: readonly ComparedHit[]): boolean {
  return inBoth(a, b).every(([one, other]) => one.chunk === other.chunk);
}

function inBoth(
  a: readonly ComparedHit[],
  b: readonly ComparedHit[],
): (readonly [ComparedHit, ComparedHit])[] {
  const found = new Map(b.map((hit) => [hit.key, hit]));
  return a.flatMap((hit) => {
    const other = found.get(hit.key);
    return other === undefined ? [] : [[hit, other] as const];
  });
}

function largestScoreDifference(a: readonly ComparedHit[], b: readonly ComparedHit[]): number {
  const scores = new Map(b.map(({ key, score }) => [key, score]));
  return a.reduce(
    (largest, { key, score }) => Math.max(largest, Math.abs(score - (scores.get(key) ?? score))),
    0,
  );
}
