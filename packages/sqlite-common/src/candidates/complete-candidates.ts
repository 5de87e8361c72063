import type { ChunkId } from '@switchyard/storage-core';
import { type CandidateRequest, type Candidates, fuse } from '@switchyard/storage-core/backend';
import { readRelatives } from '../catalog/relatives.js';
import { readChunks } from '../catalog/sql-catalog.js';
import type { SqliteDriver } from '../driver.js';

/**
 * Fuses both lists of a hybrid search and reads the rows of the best hits, with their relatives if requested, in one
 * statement. Must run in the read transaction of the lists.
 *
 * @param structuralAmong returns those of these chunks that are structural
 */
export function completeCandidates(
  driver: SqliteDriver,
  { versionIds, vector, fts }: Pick<Candidates, 'versionIds' | 'vector' | 'fts'>,
  { fusion, context }: Pick<CandidateRequest, 'fusion' | 'context'>,
  structuralAmong: (ids: readonly ChunkId[]) => readonly ChunkId[],
): Candidates {
  const ids = [...new Set([...vector, ...fts].map((hit) => hit.chunkId))];
  const structural = ids.length === 0 ? [] : structuralAmong(ids);
  const fused = fuse(vector, fts, new Set(structural), fusion).slice(0, fusion.limit);
  const best = fused.map((hit) => hit.chunkId);
  const found = { versionIds, vector, fts, structural, fused };
  if (context === undefined) return { ...found, rows: readChunks(driver, best) };
  const relatives = readRelatives(driver, { ...context, chunkIds: best }).filter((one) => one !== null);
  return { ...found, rows: relatives.map(({ chunk }) => chunk), relatives };
}
