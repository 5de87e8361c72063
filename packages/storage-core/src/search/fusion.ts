import type { FtsHit } from '../ports/fts-index.js';
import type { VectorHit } from '../ports/vector-index.js';
import type { ChunkId } from '../values/ids.js';

/**
 * Rule by which two ranked lists are fused.
 *
 * - `ranked-union` (default): every candidate is ranked in both lists; one that is missing from a list scores 0 there
 *   and ranks after all others, by id. Applications are tuned to this rule.
 * - `reciprocal-rank`: plain reciprocal rank fusion; a list without the chunk adds nothing.
 */
export type FusionRule = 'ranked-union' | 'reciprocal-rank';

/**
 * Options for fusing the vector list and the full-text list.
 *
 * @example
 * ```ts
 * const fusion: FusionOptions = { rule: 'reciprocal-rank', vectorWeight: 2, ftsWeight: 1 };
 * await store.search('fastify', '5.0', 'routes', { fusion });
 * ```
 */
export interface FusionOptions {
  /** Fusion rule. Default `ranked-union`. */
  readonly rule?: FusionRule | undefined;
  /** Weight of the vector list. Default 1. */
  readonly vectorWeight?: number | undefined;
  /** Weight of the full-text list. Default 1. */
  readonly ftsWeight?: number | undefined;
}

/**
 * Named settings of the fusion.
 *
 * - `tuned`: reciprocal rank fusion with twice the weight for full text. It ranks better than the default on the graded
 *   questions of this repository, with the offline model (docs/concepts/search-quality.md); measure it on your own data.
 */
export type FusionPreset = 'tuned';

/** Settings behind the presets. */
export const fusionPresets: Readonly<Record<FusionPreset, FusionOptions>> = {
  tuned: { rule: 'reciprocal-rank', vectorWeight: 1, ftsWeight: 2 },
};

/** Returns the options that a preset stands for; options are returned unchanged. */
export function resolveFusion(fusion: FusionOptions | FusionPreset | undefined): FusionOptions {
  return typeof fusion === 'string' ? fusionPresets[fusion] : (fusion ?? {});
}

/** A candidate with its rank in both lists, from 1. */
export interface FusedHit {
  /** Id of the chunk. */
  readonly chunkId: ChunkId;
  /** Sum of both weighted reciprocal ranks; higher is better. */
  readonly score: number;
  /** Rank in the vector list. Absent only under `reciprocal-rank`, for a chunk that is not in that list. */
  readonly vecRank: number | undefined;
  /** Rank in the full-text list. Absent only under `reciprocal-rank`, for a chunk that is not in that list. */
  readonly ftsRank: number | undefined;
  /** Distance from the query vector; undefined for a chunk that is not in the vector list. */
  readonly distance: number | undefined;
  /** Score in the full-text list, −bm25 unless the ranking is `own`; undefined for a chunk that is not in the full-text list. */
  readonly ftsScore: number | undefined;
}

/** Constant of reciprocal rank fusion: Cormack, Clarke and Büttcher, SIGIR 2009. */
export const RRF_K = 60;

/**
 * Fuses the vector list and the full-text list by rank. Candidates of equal score, within a list and in the result, are
 * ordered by id.
 *
 * @param excluded Chunks that are removed before ranking.
 */
export function fuse(
  vector: readonly VectorHit[],
  fts: readonly FtsHit[],
  excluded: ReadonlySet<ChunkId>,
  { rule = 'ranked-union', vectorWeight = 1, ftsWeight = 1 }: FusionOptions = {},
): FusedHit[] {
  const candidates = candidatesOf(vector, fts, excluded);
  const ranksAbsent = rule === 'ranked-union';
  setRanks(candidates, 'vecRank', (hit) => scoreOf(hit.distance), ranksAbsent);
  setRanks(candidates, 'ftsRank', (hit) => hit.ftsScore, ranksAbsent);
  for (const hit of candidates) {
    hit.score = share(vectorWeight, hit.vecRank) + share(ftsWeight, hit.ftsRank);
  }
  return candidates.sort((a, b) => b.score - a.score || a.chunkId - b.chunkId);
}

type Candidate = { -readonly [Key in keyof FusedHit]: FusedHit[Key] };

function candidatesOf(
  vector: readonly VectorHit[],
  fts: readonly FtsHit[],
  excluded: ReadonlySet<ChunkId>,
): Candidate[] {
  const found = new Map<ChunkId, Candidate>();
  for (const { chunkId, distance } of vector) {
    if (!excluded.has(chunkId)) found.set(chunkId, candidate(chunkId, distance, undefined));
  }
  for (const { chunkId, score } of fts) {
    const known = found.get(chunkId);
    if (known !== undefined) known.ftsScore = score;
    else if (!excluded.has(chunkId)) found.set(chunkId, candidate(chunkId, undefined, score));
  }
  return [...found.values()];
}

function candidate(chunkId: ChunkId, distance: number | undefined, ftsScore: number | undefined): Candidate {
  return { chunkId, score: 0, vecRank: undefined, ftsRank: undefined, distance, ftsScore };
}

function scoreOf(distance: number | undefined): number | undefined {
  return distance === undefined ? undefined : 1 / (1 + distance);
}

function share(weight: number, place: number | undefined): number {
  return place === undefined ? 0 : weight / (RRF_K + place);
}

/** A candidate with its score in one list. */
interface Scored {
  readonly hit: Candidate;
  readonly score: number;
}

/**
 * Ranks candidates by descending score, equal scores by id.
 *
 * @param ranksAbsent also ranks candidates without a score: theirs is 0
 */
function setRanks(
  candidates: readonly Candidate[],
  key: 'vecRank' | 'ftsRank',
  scoreIn: (hit: Candidate) => number | undefined,
  ranksAbsent: boolean,
): void {
  const present: Scored[] = [];
  const absent: Candidate[] = [];
  for (const hit of candidates) {
    const score = scoreIn(hit);
    if (score !== undefined) present.push({ hit, score });
    else if (ranksAbsent) absent.push(hit);
  }
  present.sort((a, b) => b.score - a.score || a.hit.chunkId - b.hit.chunkId);
  absent.sort((a, b) => a.chunkId - b.chunkId);
  let place = 0;
  let next = 0;
  for (const { hit, score } of present) {
    // Scores of a list are above 0 as a rule, but nothing requires it.
    while (next < absent.length && isBefore(absent[next] as Candidate, hit, score)) {
      (absent[next++] as Candidate)[key] = ++place;
    }
    hit[key] = ++place;
  }
  while (next < absent.length) (absent[next++] as Candidate)[key] = ++place;
}

/** Returns true if a candidate without a score ranks before one with this score. */
function isBefore(absent: Candidate, { chunkId }: Candidate, score: number): boolean {
  return score < 0 || (score === 0 && absent.chunkId < chunkId);
}
