import {
  completeCandidates,
  findVersionId,
  match,
  readPassingChunks,
  type SqliteDriver,
} from '@switchyard/sqlite-common';
import type { ChunkId } from '@switchyard/storage-core';
import {
  type CandidateRequest,
  type Candidates,
  checkCandidateRequest,
  mergeFtsHits,
  mergeVectorHits,
  normalizeFilter,
  requireModel,
  requireSearchMode,
} from '@switchyard/storage-core/backend';
import { BACKEND_NAME, capabilities } from '../capabilities.js';
import { matchStatements, structuralAmong } from '../fts/fts-statements.js';
import { readProfile } from '../vectors/profile.js';
import { findNearestIn } from '../vectors/vector-index.js';

/** See `StorageBackend.candidates`. */
export function findCandidates(driver: SqliteDriver, request: CandidateRequest): Candidates {
  const { versions, vector, fts } = request;
  return driver.readTransaction(() => {
    const profile = vector === null ? null : readProfile(driver);
    if (vector !== null) {
      requireSearchMode(BACKEND_NAME, capabilities, vector.mode);
      requireModel(BACKEND_NAME, profile, vector.model);
    }
    checkCandidateRequest(request, profile?.dimension);
    const filter = normalizeFilter(request.filter);
    const versionIds = versions.map((version) => findVersionId(driver, version));
    const found = [...new Set(versionIds)].flatMap((versionId) => {
      if (versionId === null) return [];
      const passing = filter === null ? null : readPassingChunks(driver, versionId, filter);
      return {
        vector: vector === null ? [] : findNearestIn(driver, versionId, vector.values, vector.limit, passing),
        fts: match(driver, matchStatements, versionId, fts, passing),
      };
    });
    const lists = {
      versionIds,
      vector: mergeVectorHits(
        found.map((lists) => lists.vector),
        vector?.limit ?? 0,
      ),
      fts: mergeFtsHits(
        found.map((lists) => lists.fts),
        fts.limit,
      ),
    };
    return completeCandidates(driver, lists, request, (ids) =>
      driver.all<{ id: ChunkId }>(structuralAmong, [JSON.stringify(ids)]).map(({ id }) => id),
    );
  });
}
