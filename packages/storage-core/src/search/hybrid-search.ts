import type { StorageBackend } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import type { CandidateRequest, Candidates } from '../ports/candidates.js';
import type { ContextOptions, Relatives } from '../ports/catalog.js';
import { requireCapability } from '../runtime/capability-guard.js';
import type { ChunkId } from '../values/ids.js';
import type { ChunkRecord } from '../values/records.js';
import type { FusedHit } from './fusion.js';
import { type CollectedCandidates, collectCandidates } from './single-calls.js';

/** A chunk that was found, with its ranks in both lists. */
export type RankedChunk = Omit<FusedHit, 'chunkId'> & {
  readonly chunk: ChunkRecord;
  /** Position of its version in the request. */
  readonly version: number;
  /** Relatives of the chunk; present if the request has a context. */
  readonly relatives?: Relatives | undefined;
};

/** Searches by vector and by full text, and fuses both lists. Makes one backend call if the backend has `candidates`. */
export async function searchHybrid(
  backend: StorageBackend,
  request: CandidateRequest,
  options?: CallOptions,
): Promise<RankedChunk[]> {
  const found = await candidatesFor(backend, request, options);
  return withRows(backend, found.fused, found, request.context, options);
}

/** A search by full text only. */
export type FtsRequest = Pick<CandidateRequest, 'versions' | 'filter' | 'context'> &
  Pick<CandidateRequest['fts'], 'terms' | 'limit' | 'weights'>;

/**
 * Searches by full text only: excludes structural chunks; score = −bm25, or that of the backend's own ranking.
 *
 * @throws StorageError `STORAGE_NOT_SUPPORTED` on a backend without full-text search.
 */
export async function searchFts(
  backend: StorageBackend,
  { versions, filter, context, ...query }: FtsRequest,
  options?: CallOptions,
): Promise<RankedChunk[]> {
  requireCapability(backend.name, backend.capabilities, 'fts');
  const found = await candidatesFor(
    backend,
    {
      versions,
      filter,
      vector: null,
      fts: { ...query, excludeStructural: true },
      fusion: { limit: query.limit },
      context,
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
  return withRows(backend, ranked, found, context, options);
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

/** Adds the rows of hits, and their relatives if requested; drops chunks that were deleted since they were found. */
async function withRows(
  backend: StorageBackend,
  hits: readonly FusedHit[],
  { rows: known, relatives: knownRelatives, versionIds }: CollectedCandidates,
  context: ContextOptions | undefined,
  options: CallOptions | undefined,
): Promise<RankedChunk[]> {
  const ids = hits.map((hit) => hit.chunkId);
  const found =
    context === undefined
      ? await completeRows(backend, ids, known, options)
      : await completeRelatives(backend, ids, knownRelatives ?? [], context, options);
  return hits.flatMap(({ chunkId, ...hit }) => {
    const row = found.get(chunkId);
    if (row === undefined) return [];
    const version = versionIds.length === 1 ? 0 : versionIds.indexOf(row.chunk.versionId);
    return [{ ...hit, ...row, version }];
  });
}

/** A chunk, and its relatives if requested. */
type FoundChunk = Pick<RankedChunk, 'chunk' | 'relatives'>;

async function completeRows(
  { catalog }: StorageBackend,
  ids: readonly ChunkId[],
  known: readonly ChunkRecord[],
  options: CallOptions | undefined,
): Promise<Map<ChunkId, FoundChunk>> {
  const found = new Map<ChunkId, FoundChunk>(known.map((chunk) => [chunk.id, { chunk }]));
  const missing = ids.filter((id) => !found.has(id));
  if (missing.length === 0) return found;
  for (const chunk of await catalog.chunks(missing, undefined, options)) found.set(chunk.id, { chunk });
  return found;
}

async function completeRelatives(
  { catalog }: StorageBackend,
  ids: readonly ChunkId[],
  known: readonly Relatives[],
  context: ContextOptions,
  options: CallOptions | undefined,
): Promise<Map<ChunkId, FoundChunk>> {
  const found = new Map<ChunkId, FoundChunk>();
  const keep = (relatives: Relatives) => found.set(relatives.chunk.id, { chunk: relatives.chunk, relatives });
  known.forEach(keep);
  const chunkIds = ids.filter((id) => !found.has(id));
  if (chunkIds.length === 0) return found;
  for (const relatives of await catalog.relatives({ ...context, chunkIds }, options)) {
    if (relatives !== null) keep(relatives);
  }
  return found;
}
