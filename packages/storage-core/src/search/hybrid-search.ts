import type { StorageBackend } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import type { CandidateRequest, Candidates } from '../ports/candidates.js';
import type { FtsQuery } from '../ports/fts-index.js';
import type { ChunkId } from '../values/ids.js';
import { type ChunkRecord, isStructural } from '../values/records.js';
import { type FusedHit, fuse } from './fusion.js';

/** A chunk that was found, with its ranks in both lists. */
export type RankedChunk = Omit<FusedHit, 'chunkId'> & { readonly chunk: ChunkRecord };

/** Searches by vector and by full text, and fuses both lists. Makes one backend call if the backend has `candidates`. */
export async function searchHybrid(
  backend: StorageBackend,
  request: CandidateRequest,
  options?: CallOptions,
): Promise<RankedChunk[]> {
  const { fused, rows } =
    backend.capabilities.candidates && backend.candidates !== undefined
      ? await backend.candidates(request, options)
      : await fuseSingleCalls(backend, request, options);
  return withRows(backend, fused, rows, options);
}

/** Searches by full text only: excludes structural chunks; score = −bm25. */
export async function searchFts(
  backend: StorageBackend,
  query: FtsQuery,
  options?: CallOptions,
): Promise<RankedChunk[]> {
  const hits = await backend.fts.match({ ...query, excludeStructural: true }, options);
  const ranked = hits.map(({ chunkId, score }, index) => ({
    chunkId,
    score,
    vecRank: undefined,
    ftsRank: index + 1,
  }));
  return withRows(backend, ranked, [], options);
}

/** Requests both lists separately, for backends without `candidates`. */
async function fuseSingleCalls(
  backend: StorageBackend,
  { version, vector, fts, fusion }: CandidateRequest,
  options: CallOptions | undefined,
): Promise<Pick<Candidates, 'fused' | 'rows'>> {
  const [nearest, matches] = await Promise.all([
    backend.vectors.nearest(
      { version, vector: vector.values, limit: vector.limit, mode: vector.mode, model: vector.model },
      options,
    ),
    backend.fts.match({ version, ...fts }, options),
  ]);
  const ids = [...new Set([...nearest, ...matches].map((hit) => hit.chunkId))];
  const rows = ids.length === 0 ? [] : await backend.catalog.chunks(ids, options);
  const structural = rows.filter((row) => isStructural(row.metadata)).map((row) => row.id);
  return { fused: fuse(nearest, matches, new Set(structural), fusion).slice(0, fusion.limit), rows };
}

/** Adds the rows of hits; drops chunks that were deleted since they were found. */
async function withRows(
  backend: StorageBackend,
  hits: readonly FusedHit[],
  known: readonly ChunkRecord[],
  options: CallOptions | undefined,
): Promise<RankedChunk[]> {
  const rows = new Map<ChunkId, ChunkRecord>(known.map((row) => [row.id, row]));
  const missing = hits.map((hit) => hit.chunkId).filter((id) => !rows.has(id));
  if (missing.length > 0) {
    for (const row of await backend.catalog.chunks(missing, options)) rows.set(row.id, row);
  }
  return hits.flatMap(({ chunkId, ...hit }) => {
    const chunk = rows.get(chunkId);
    return chunk === undefined ? [] : [{ ...hit, chunk }];
  });
}
