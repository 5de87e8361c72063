import type { FtsHit } from '../ports/fts-index.js';
import type { VectorHit } from '../ports/vector-index.js';

/** Merges vector lists of several versions: the nearest hits of all, ties by chunk id. */
export function mergeVectorHits(
  lists: readonly (readonly VectorHit[])[],
  limit: number,
): readonly VectorHit[] {
  const [only] = lists;
  if (lists.length === 1 && only !== undefined) return only;
  return lists
    .flat()
    .sort((a, b) => a.distance - b.distance || a.chunkId - b.chunkId)
    .slice(0, limit);
}

/** Merges full-text lists of several versions, whose scores are comparable: the best hits of all, ties by chunk id. */
export function mergeFtsHits(lists: readonly (readonly FtsHit[])[], limit: number): readonly FtsHit[] {
  const [only] = lists;
  if (lists.length === 1 && only !== undefined) return only;
  return lists
    .flat()
    .sort((a, b) => b.score - a.score || a.chunkId - b.chunkId)
    .slice(0, limit);
}
