import { type FtsHit, type FusedHit, fuse, type VectorHit } from '@switchyard/storage-core/backend';
import { isNear } from '../measures/ties.js';
import type { ComparedHit, ListRelation } from '../types.js';
import type { Candidate, RawLists } from './raw-lists.js';

/** Answer of one store with the lists it was fused from. */
export interface Explained {
  readonly hits: readonly ComparedHit[];
  readonly lists: RawLists;
}

/** Reason for a difference of two answers, found in the lists that they were fused from. */
export interface Evidence {
  /** True when nothing but rounding tells the answers apart. */
  readonly isNearTie: boolean;
  /** Null for a search by full text only. */
  readonly vectorList: ListRelation | null;
  readonly wordsList: ListRelation;
}

/** Looks for the reason of a difference. */
export function explain(a: Explained, b: Explained, limit: number, tolerance: number): Evidence {
  const [vectorA, vectorB] = [a.lists.vector, b.lists.vector];
  return {
    isNearTie: areNearTies(a, b, limit, tolerance),
    vectorList:
      vectorA === null || vectorB === null
        ? null
        : relateLists(snap(vectorA, vectorB, a.lists.limits.vector, tolerance)),
    wordsList: relateWords(a.lists, b.lists, tolerance),
  };
}

/** All matches are compared where they are known: a change of weights cuts the same matches off in another place. */
function relateWords(a: RawLists, b: RawLists, tolerance: number): ListRelation {
  const relation = relateLists(snap(a.words, b.words, a.limits.words, tolerance));
  if (relation !== 'other' || a.allMatches === null || b.allMatches === null) return relation;
  const [all, others] = [a.allMatches, b.allMatches];
  return all.size === others.size && [...all].every((key) => others.has(key)) ? 'reordered' : 'other';
}

function relateLists([a, b]: readonly [readonly Candidate[], readonly Candidate[]]): ListRelation {
  const inA = byKey(a);
  if (a.length !== b.length || b.some(({ key }) => !inA.has(key))) return 'other';
  return b.every(({ key, score }) => inA.get(key)?.score === score) ? 'same' : 'reordered';
}

/**
 * Decides whether two answers differ only by near ties: candidates whose distances or scores differ by rounding.
 *
 * Both answers must be what their own lists give. All candidates must have the same distances and scores but for
 * rounding, those that only one list has being tied with its end; and with equal distances and scores, the lists must
 * fuse to the same answer. Working on the lists rather than on fused scores matters, because a fused score jumps when two
 * neighbors swap, however close they are.
 */
export function areNearTies(a: Explained, b: Explained, limit: number, tolerance: number): boolean {
  const [vectorA, vectorB] = [a.lists.vector, b.lists.vector];
  const words = snap(a.lists.words, b.lists.words, a.lists.limits.words, tolerance);
  if (relateLists(words) !== 'same') return false;
  if (vectorA === null || vectorB === null) {
    return vectorA === vectorB && isOwnList(a, tolerance) && isOwnList(b, tolerance);
  }
  const vectors = snap(vectorA, vectorB, a.lists.limits.vector, tolerance);
  if (relateLists(vectors) !== 'same') return false;
  if (!isOwnFusion(a, limit, tolerance) || !isOwnFusion(b, limit, tolerance)) return false;
  const ids = new Numbering([a.lists, b.lists]);
  const structural = new Set([...a.lists.structural, ...b.lists.structural].map((key) => ids.of(key)));
  const fused = [0, 1].map((side) =>
    fuse(
      toVectorHits(vectors[side] as Candidate[], ids),
      toFtsHits(words[side] as Candidate[], ids),
      structural,
    ).slice(0, limit),
  ) as [FusedHit[], FusedHit[]];
  return sameFusion(fused[0], fused[1], tolerance);
}

/** Numbers that stand for chunks, in the order of the ids of the first store, for ties that ids decide. */
class Numbering {
  readonly #numbers = new Map<string, number>();

  constructor(lists: readonly RawLists[]) {
    for (const { vector, words } of lists) {
      for (const { key } of [...(vector ?? []), ...words].sort((x, y) => x.id - y.id)) {
        if (!this.#numbers.has(key)) this.#numbers.set(key, this.#numbers.size + 1);
      }
    }
  }

  of(key: string): number {
    return this.#numbers.get(key) ?? 0;
  }
}

/** Returns true when a search by full text only answered with its list. */
function isOwnList({ hits, lists: { words } }: Explained, tolerance: number): boolean {
  return (
    hits.length === words.length &&
    hits.every(
      ({ key, score }, index) => key === words[index]?.key && isNear(score, words[index].score, tolerance),
    )
  );
}

function isOwnFusion({ hits, lists }: Explained, limit: number, tolerance: number): boolean {
  const numbers = new Map([...(lists.vector ?? []), ...lists.words].map(({ key, id }) => [key, id]));
  const ids = { of: (key: string) => numbers.get(key) ?? 0 };
  const structural = new Set([...lists.structural].map(ids.of));
  const own = fuse(toVectorHits(lists.vector ?? [], ids), toFtsHits(lists.words, ids), structural);
  const given = hits.map(({ key, score, vecRank, ftsRank }) => ({
    chunkId: ids.of(key),
    score,
    vecRank: vecRank ?? undefined,
    ftsRank: ftsRank ?? undefined,
  }));
  return sameFusion(own.slice(0, limit), given, tolerance);
}

/** A fused hit without the values of its lists, which were compared before. */
type FusedRank = Pick<FusedHit, 'chunkId' | 'score' | 'vecRank' | 'ftsRank'>;

function sameFusion(a: readonly FusedRank[], b: readonly FusedRank[], tolerance: number): boolean {
  return (
    a.length === b.length &&
    a.every((hit, index) => {
      const other = b[index] as FusedRank;
      return (
        hit.chunkId === other.chunkId &&
        hit.vecRank === other.vecRank &&
        hit.ftsRank === other.ftsRank &&
        isNear(hit.score, other.score, tolerance)
      );
    })
  );
}

/** Gives candidates that both lists score alike the same score, and drops those tied with the end of a full list. */
function snap(
  a: readonly Candidate[],
  b: readonly Candidate[],
  limit: number,
  tolerance: number,
): [Candidate[], Candidate[]] {
  const [inA, inB] = [byKey(a), byKey(b)];
  const atEnd = (list: readonly Candidate[], { score }: Candidate) => {
    const last = list.at(-1);
    return list.length >= limit && last !== undefined && isNear(score, last.score, tolerance);
  };
  const dropped = new Set(
    [...a, ...b]
      .filter((candidate) => inA.has(candidate.key) !== inB.has(candidate.key))
      .filter((candidate) => atEnd(inA.has(candidate.key) ? a : b, candidate))
      .map(({ key }) => key),
  );
  const keep = ({ key }: Candidate) => !dropped.has(key);
  const snapped = b.map((candidate) => {
    const other = inA.get(candidate.key);
    if (other === undefined || !isNear(other.score, candidate.score, tolerance)) return candidate;
    return { ...candidate, score: other.score };
  });
  return [a.filter(keep), snapped.filter(keep)];
}

function byKey(list: readonly Candidate[]): Map<string, Candidate> {
  return new Map(list.map((candidate) => [candidate.key, candidate]));
}

interface Ids {
  of(key: string): number;
}

function toVectorHits(list: readonly Candidate[], ids: Ids): VectorHit[] {
  return list.map(({ key, score }) => ({ chunkId: ids.of(key), distance: -score }));
}

function toFtsHits(list: readonly Candidate[], ids: Ids): FtsHit[] {
  return list.map(({ key, score }) => ({ chunkId: ids.of(key), score }));
}
