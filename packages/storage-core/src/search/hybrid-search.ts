import type { StorageBackend } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import type { CandidateRequest, Candidates } from '../ports/candidates.js';
import type { ChunkId } from '../values/ids.js';
import type { ChunkRecord } from '../values/records.js';
import type { FusedHit } from './fusion.js';
import { type CollectedCandidates, collectCandidates } from './single-calls.js';

/** A chunk that was found, with its ranks in both lists. */
export type RankedChunk = Omit<FusedHit, 'chunkId'> & {
  readonly chunk: ChunkRecord;
  /** Position of its version in the request. */
  readonly version: number;
};

/** Searches by vector and by full text, and fuses both lists. Makes one backend call if the backend has `candidates`. */
export async function searchHybrid(
  backend: StorageBackend,
  request: CandidateRequest,
  options?: CallOptions,
): Promise<RankedChunk[]> {
  const found = await candidatesFor(backend, request, options);
  return withRows(backend, found.fused, found, options);
}

/** A search by full text only. */
export type FtsRequest = Pick<CandidateRequest, 'versions' | 'filter'> &
  Pick<CandidateRequest['fts'], 'terms' | 'limit' | 'weights'>;

/** Searches by full text only: excludes structural chunks; score = −bm25. */
export async function searchFts(
  backend: StorageBackend,
  { versions, filter, ...query }: FtsRequest,
  options?: CallOptions,
): Promise<RankedChunk[]> {
  const found = await candidatesFor(
    backend,
    {
      versions,
      filter,
      vector: null,
      fts: { ...query, excludeStructural: true },
      fusion: { limit: query.limit },
    },
    options,
  );
  const ranked = found.fts.map(({ chunkId, score }, index) => ({
    chunkId,
    score,
    vecRank: undefined,
    ftsRank: index + 1,
    distance: undefined,
    ftsScore: score,
  }));
  return withRows(backend, ranked, found, options);
}

async function candidatesFor(
  backend: StorageBackend,
  request: CandidateRequest,
  options: CallOptions | undefined,
): Promise<Candidates | CollectedCandidates> {
  const { candidates, filters } = backend.capabilities;
  return candidates && backend.candidates !== undefined && (request.filter === undefined || filters)
    ? backend.candidates(request, options)
    : collectCandidates(backend, request, options);
}

/** Adds the rows of hits; drops chunks that were deleted since they were found. */
async function withRows(
  backend: StorageBackend,
  hits: readonly FusedHit[],
  { rows: known, versionIds }: CollectedCandidates,
  options: CallOptions | undefined,
): Promise<RankedChunk[]> {
  const rows = new Map<ChunkId, ChunkRecord>(known.map((row) => [row.id, row]));
  const missing = hits.map((hit) => hit.chunkId).filter((id) => !rows.has(id));
  if (missing.length > 0) {
    for (const row of await backend.catalog.chunks(missing, options)) rows.set(row.id, row);
  }
  return hits.flatMap(({ chunkId, ...hit }) => {
    const chunk = rows.get(chunkId);
    if (chunk === undefined) return [];
    const version = versionIds.length === 1 ? 0 : versionIds.indexOf(chunk.versionId);
    return [{ ...hit, chunk, version }];
  });
}
