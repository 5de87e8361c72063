import type { FtsHit } from '../ports/fts-index.js';
import type { VectorHit } from '../ports/vector-index.js';
import type { ChunkId } from '../values/ids.js';

/**
 * Rule by which two ranked lists are fused.
 *
 * - `ranked-union` (default): every candidate is ranked in both lists; one that a list lacks scores 0 there and stands
 *   behind all that it has, by id. This is what applications are tuned to.
 * - `reciprocal-rank`: plain reciprocal rank fusion; a list that lacks a chunk adds nothing.
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
  /** Default `ranked-union`. */
  readonly rule?: FusionRule | undefined;
  /** Default 1. */
  readonly vectorWeight?: number | undefined;
  /** Default 1. */
  readonly ftsWeight?: number | undefined;
}

/** One candidate with its place in both lists, from 1. */
export interface FusedHit {
  /** Id of the chunk. */
  readonly chunkId: ChunkId;
  /** Sum of both weighted reciprocal ranks; higher is better. */
  readonly score: number;
  /** Missing only under `reciprocal-rank`, for a chunk that the vector list lacks. */
  readonly vecRank: number | undefined;
  /** Missing only under `reciprocal-rank`, for a chunk that the full-text list lacks. */
  readonly ftsRank: number | undefined;
}

/** The constant of reciprocal rank fusion: Cormack, Clarke and Büttcher, SIGIR 2009. */
export const RRF_K = 60;

/**
 * Fuses the vector list and the full-text list by rank. Candidates of equal score, within a list and in the result,
 * stand in the order of their ids.
 *
 * @param excluded Chunks that are left out before anything is ranked.
 */
export function fuse(
  vector: readonly VectorHit[],
  fts: readonly FtsHit[],
  excluded: ReadonlySet<ChunkId>,
  { rule = 'ranked-union', vectorWeight = 1, ftsWeight = 1 }: FusionOptions = {},
): FusedHit[] {
  const vectorScores = new Map(vector.map((hit) => [hit.chunkId, 1 / (1 + hit.distance)]));
  const ftsScores = new Map(fts.map((hit) => [hit.chunkId, hit.score]));
  const candidates = [...new Set([...vectorScores.keys(), ...ftsScores.keys()])].filter(
    (chunkId) => !excluded.has(chunkId),
  );
  const absent = rule === 'ranked-union' ? 0 : undefined;
  const vecRanks = rank(candidates, vectorScores, absent);
  const ftsRanks = rank(candidates, ftsScores, absent);

  const share = (weight: number, place: number | undefined): number =>
    place === undefined ? 0 : weight / (RRF_K + place);
  return candidates
    .map((chunkId) => {
      const vecRank = vecRanks.get(chunkId);
      const ftsRank = ftsRanks.get(chunkId);
      return { chunkId, score: share(vectorWeight, vecRank) + share(ftsWeight, ftsRank), vecRank, ftsRank };
    })
    .sort((a, b) => b.score - a.score || a.chunkId - b.chunkId);
}

/** The place of each candidate by descending score, equal scores by id; those without a score only if `absent` is one. */
function rank(
  candidates: readonly ChunkId[],
  scores: ReadonlyMap<ChunkId, number>,
  absent: number | undefined,
): Map<ChunkId, number> {
  const scored: { chunkId: ChunkId; score: number }[] = [];
  for (const chunkId of candidates) {
    const score = scores.get(chunkId) ?? absent;
    if (score !== undefined) scored.push({ chunkId, score });
  }
  scored.sort((a, b) => b.score - a.score || a.chunkId - b.chunkId);
  return new Map(scored.map(({ chunkId }, index) => [chunkId, index + 1]));
}
