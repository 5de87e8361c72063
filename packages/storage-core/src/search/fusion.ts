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
  const distances = new Map(vector.map((hit) => [hit.chunkId, hit.distance]));
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
      return {
        chunkId,
        score: share(vectorWeight, vecRank) + share(ftsWeight, ftsRank),
        vecRank,
        ftsRank,
        distance: distances.get(chunkId),
        ftsScore: ftsScores.get(chunkId),
      };
    })
    .sort((a, b) => b.score - a.score || a.chunkId - b.chunkId);
}

/**
 * Ranks candidates by descending score, equal scores by id; includes those without a score only if `absent` is a
 * number.
 */
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
