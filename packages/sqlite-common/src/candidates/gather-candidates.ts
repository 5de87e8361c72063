import type { ChunkId, ChunkRecord, VersionId } from '@switchyard/storage-core';
import {
  type CandidateRequest,
  type Candidates,
  type FtsHit,
  fuse,
  type VectorHit,
} from '@switchyard/storage-core/backend';
import { findVersionId } from '../catalog/references.js';
import { readChunks } from '../catalog/sql-catalog.js';
import type { SqliteDriver } from '../driver.js';

/** Parts of a hybrid search. The version may not exist; then they find nothing. */
export interface CandidateSource {
  nearest(versionId: VersionId, request: CandidateRequest['vector']): readonly VectorHit[];
  match(versionId: VersionId, request: CandidateRequest['fts']): readonly FtsHit[];
  /** Returns those of the given chunks of the version that only provide structure. */
  structuralAmong(ids: readonly ChunkId[], versionId: VersionId): readonly ChunkId[];
}

/** Returns both lists of a hybrid search and the rows the caller will keep, all from one state of the store. */
export function gatherCandidates(
  driver: SqliteDriver,
  source: CandidateSource,
  { version, vector, fts, fusion }: CandidateRequest,
): Candidates {
  return driver.readTransaction(() => {
    const versionId = findVersionId(driver, version);
    if (versionId === null) return { vector: [], fts: [], structural: [], rows: [] };
    const nearest = source.nearest(versionId, vector);
    const matches = source.match(versionId, fts);
    const ids = [...new Set([...nearest, ...matches].map((hit) => hit.chunkId))];
    const structural = ids.length === 0 ? [] : source.structuralAmong(ids, versionId);
    const kept = fuse(nearest, matches, new Set(structural), fusion).slice(0, fusion.limit);
    const rows: ChunkRecord[] = readChunks(
      driver,
      kept.map((hit) => hit.chunkId),
    );
    return { vector: nearest, fts: matches, structural, rows };
  });
}
