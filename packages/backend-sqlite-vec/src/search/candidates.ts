import { completeCandidates, findVersionId, match, type SqliteDriver } from '@switchyard/sqlite-common';
import type { ChunkId } from '@switchyard/storage-core';
import type { CandidateRequest, Candidates } from '@switchyard/storage-core/backend';
import { matchStatements, structuralAmong } from '../fts/fts-statements.js';
import { findNearest } from '../vectors/vector-index.js';

/** See `StorageBackend.candidates`. */
export function findCandidates(
  driver: SqliteDriver,
  { version, vector, fts, fusion }: CandidateRequest,
): Candidates {
  return driver.readTransaction(() => {
    const versionId = findVersionId(driver, version);
    if (versionId === null) return { vector: [], fts: [], structural: [], fused: [], rows: [] };
    const { values, limit, mode, model } = vector;
    const lists = {
      vector: findNearest(driver, { version: { versionId }, vector: values, limit, mode, model }),
      fts: match(driver, matchStatements, versionId, fts),
    };
    return completeCandidates(driver, lists, fusion, (ids) =>
      driver.all<{ id: ChunkId }>(structuralAmong, [JSON.stringify(ids)]).map(({ id }) => id),
    );
  });
}
