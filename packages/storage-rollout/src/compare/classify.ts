import type { Position } from '../machine/position.js';
import { isSamePosition } from '../machine/position.js';

/** Classes of mismatches, the most severe first. */
export const mismatchClasses = ['error', 'missing', 'extra', 'staleness', 'score', 'order'] as const;

/** One of {@link mismatchClasses}. */
export type MismatchClass = (typeof mismatchClasses)[number];

/** Hit of a vector or full-text list. Fused hits are not compared: their scores are made of ranks (decision 0010). */
export interface ComparedHit {
  /** Id of the chunk. */
  readonly chunkId: number;
  /** Distance or bm25 score; both sides give the same kind. */
  readonly score: number;
  /** Digest of the row that is shown; absent when rows are not compared. */
  readonly digest?: string | undefined;
}

/** Answer of one side. */
export type ComparedAnswer =
  | { readonly kind: 'hits'; readonly hits: readonly ComparedHit[] }
  | { readonly kind: 'failed'; readonly code: string };

/** One question asked on both sides. */
export interface Comparison {
  /** Positions of both sides before and after; null where a side was dirty or did not say. */
  readonly positions: readonly (Position | null)[];
  readonly old: ComparedAnswer;
  readonly new: ComparedAnswer;
  /** Limit of the search: hits beyond it are cut off. */
  readonly limit: number;
  /**
   * False if the sides rank in different ways (capability `ranking`): scores and order are then not compared, and hits only
   * where neither list was cut off. Default true.
   */
  readonly sameRanking?: boolean | undefined;
}

/** Result of a comparison. */
export type Verdict =
  | { readonly kind: 'undecided' }
  | { readonly kind: 'equal' }
  | { readonly kind: 'mismatch'; readonly classes: readonly [MismatchClass, ...MismatchClass[]] };

/** Relative difference that float32 arithmetic may make, in another order of additions. As in decision 0010. */
export const NEAR_TIE = 1e-6;

/**
 * Compares the answers of both sides. Undecided, equal or not, unless all positions are the same. Hits whose scores differ
 * by no more than float32 can tell may change places, also across the limit.
 */
export function classify(comparison: Comparison): Verdict {
  if (!areSame(comparison.positions)) return { kind: 'undecided' };
  const { old: expected, new: found, limit, sameRanking = true } = comparison;
  const classes =
    expected.kind === 'hits' && found.kind === 'hits'
      ? classesOf(expected.hits, found.hits, limit, sameRanking)
      : classesOfFailure(expected, found);
  const [first, ...others] = mismatchClasses.filter((name) => classes.has(name));
  return first === undefined ? { kind: 'equal' } : { kind: 'mismatch', classes: [first, ...others] };
}

function areSame(positions: readonly (Position | null)[]): boolean {
  const [first] = positions;
  return first != null && positions.every((position) => position !== null && isSamePosition(position, first));
}

/** A call that fails alike on both sides is an agreement. */
function classesOfFailure(expected: ComparedAnswer, found: ComparedAnswer): ReadonlySet<MismatchClass> {
  const isAlike = expected.kind === 'failed' && found.kind === 'failed' && expected.code === found.code;
  return new Set(isAlike ? [] : ['error']);
}

function classesOf(
  expected: readonly ComparedHit[],
  found: readonly ComparedHit[],
  limit: number,
  sameRanking: boolean,
): ReadonlySet<MismatchClass> {
  const classes = new Set<MismatchClass>();
  const byId = new Map(found.map((hit) => [hit.chunkId, hit]));
  const expectedIds = new Set(expected.map(({ chunkId }) => chunkId));
  const shared = expected.filter(({ chunkId }) => byId.has(chunkId));

  const isCut = (hit: ComparedHit, list: readonly ComparedHit[]) =>
    sameRanking ? isAtCutOff(hit, list, limit) : list.length >= limit;
  if (expected.some((hit) => !byId.has(hit.chunkId) && !isCut(hit, found))) classes.add('missing');
  if (found.some((hit) => !expectedIds.has(hit.chunkId) && !isCut(hit, expected))) classes.add('extra');
  for (const hit of shared) {
    const other = byId.get(hit.chunkId) as ComparedHit;
    if (hit.digest !== other.digest) classes.add('staleness');
    if (sameRanking && !isNear(hit.score, other.score)) classes.add('score');
  }
  if (sameRanking && isReordered(shared, found)) classes.add('order');
  return classes;
}

/** Returns true when a hit may have lost its place in a full list to one of the same score. */
function isAtCutOff({ score }: ComparedHit, list: readonly ComparedHit[], limit: number): boolean {
  const last = list.at(-1);
  return list.length >= limit && last !== undefined && isNear(score, last.score);
}

/** Returns true when two hits that no tie explains stand in another order. */
function isReordered(shared: readonly ComparedHit[], found: readonly ComparedHit[]): boolean {
  const places = new Map(found.map(({ chunkId }, place) => [chunkId, place]));
  const placeOf = ({ chunkId }: ComparedHit) => places.get(chunkId) as number;
  return shared.some((hit, index) =>
    shared.slice(index + 1).some((later) => placeOf(later) < placeOf(hit) && !isNear(hit.score, later.score)),
  );
}

/** Returns true for scores that float32 arithmetic may not tell apart. */
export function isNear(a: number, b: number): boolean {
  return a === b || Math.abs(a - b) <= NEAR_TIE * Math.max(Math.abs(a), Math.abs(b));
}
