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
    const searched = [...new Set(versionIds)].flatMap((versionId) =>
      versionId === null
        ? []
        : { versionId, passing: filter === null ? null : readPassingChunks(driver, versionId, filter) },
    );
    const matches = searched.map(({ versionId, passing }) =>
      match(driver, matchStatements, versionId, fts, passing),
    );
    const lists = {
      versionIds,
      vector: vector === null ? [] : findNearestIn(driver, searched, vector.values, vector.limit),
      fts: mergeFtsHits(matches, fts.limit),
    };
    return completeCandidates(driver, lists, request, (ids) =>
      driver.all<{ id: ChunkId }>(structuralAmong, [JSON.stringify(ids)]).map(({ id }) => id),
    );
  });
}
