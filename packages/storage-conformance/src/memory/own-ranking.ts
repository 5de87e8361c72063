import type { FtsPlan } from '@switchyard/fts-text';
import type { ChunkId } from '@switchyard/storage-core';
import type { FtsHit } from '@switchyard/storage-core/backend';
import type { StoredChunk } from './tables.js';

/**
 * Ranks matches in another way than FTS5, for the capability `ranking: 'own'`: by the share of a chunk's tokens that were
 * asked for. Weights and the rest of the store have no influence.
 */
export function rankByShare(
  hits: readonly FtsHit[],
  chunks: ReadonlyMap<ChunkId, StoredChunk>,
  { terms }: FtsPlan,
): FtsHit[] {
  return hits
    .map(({ chunkId }) => {
      const indexed = chunks.get(chunkId)?.indexed ?? { terms: [], length: 1 };
      const found = indexed.terms.filter(({ term }) => terms.includes(term));
      const count = found.reduce((sum, { places }) => sum + places.length, 0);
      return { chunkId, score: count / Math.sqrt(indexed.length) };
    })
    .sort((a, b) => b.score - a.score || a.chunkId - b.chunkId);
}
