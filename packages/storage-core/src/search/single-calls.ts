import type { StorageBackend } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import type { CandidateRequest, Candidates } from '../ports/candidates.js';
import type { FtsHit, FtsQuery } from '../ports/fts-index.js';
import type { VectorHit, VectorQuery } from '../ports/vector-index.js';
import { hasCapability } from '../runtime/capability-guard.js';
import { normalizeFilter, passesFilter } from '../values/chunk-filter.js';
import { type ChunkRecord, isStructural } from '../values/records.js';
import { type FusionOptions, fuse } from './fusion.js';
import { mergeFtsHits, mergeVectorHits } from './merge.js';

/** Both lists with the rows of all their hits. */
export type CollectedCandidates = Pick<Candidates, 'versionIds' | 'fts' | 'fused' | 'rows' | 'relatives'>;

/** Requests both lists of each version separately, for backends without `candidates` or without `filters`. */
export async function collectCandidates(
  backend: StorageBackend,
  { versions, filter, vector, fts, fusion }: CandidateRequest,
  options: CallOptions | undefined,
): Promise<CollectedCandidates> {
  const hasFts = hasCapability(backend.capabilities, 'fts');
  const lists = await Promise.all(
    versions.map((version) =>
      Promise.all([
        vector === null
          ? []
          : nearest(backend, { version, filter, ...vector, vector: vector.values }, options),
        hasFts ? match(backend, { version, filter, ...fts }, options) : [],
      ]),
    ),
  );
  const near = mergeVectorHits(
    lists.map(([hits]) => hits),
    vector?.limit ?? 0,
  );
  const matches = mergeFtsHits(
    lists.map(([, hits]) => hits),
    fts.limit,
  );
  const rows = await rowsOf(backend, [...near, ...matches], options);
  const structural = rows.filter((row) => isStructural(row.metadata)).map((row) => row.id);
  const versionOf = new Map(rows.map((row) => [row.id, row.versionId]));
  return {
    // Not by the first hit of a version, which may have lost its place to those of others.
    versionIds: lists.map(
      (both) =>
        both
          .flat()
          .map(({ chunkId }) => versionOf.get(chunkId))
          .find((id) => id !== undefined) ?? null,
    ),
    fts: matches,
    fused: fuse(near, matches, new Set(structural), hasFts ? fusion : vectorsOnly(fusion)).slice(
      0,
      fusion.limit,
    ),
    rows,
  };
}

/** Ranks by the vector list alone: a rank in a list that does not exist would be an order by id. */
function vectorsOnly(fusion: FusionOptions): FusionOptions {
  return { ...fusion, rule: 'reciprocal-rank' };
}

/** Like `VectorIndex.nearest`, with a filter also on backends that have none. */
async function nearest(
  backend: StorageBackend,
  { filter, ...query }: VectorQuery,
  options: CallOptions | undefined,
): Promise<readonly VectorHit[]> {
  if (filter === undefined) return backend.vectors.nearest(query, options);
  if (backend.capabilities.filters) return backend.vectors.nearest({ ...query, filter }, options);
  const all = await backend.vectors.nearest({ ...query, limit: withoutLimit(query.limit) }, options);
  return filterHits(backend, all, { filter, limit: query.limit }, options);
}

/** Like `FtsIndex.match`, with a filter also on backends that have none. */
async function match(
  backend: StorageBackend,
  { filter, ...query }: FtsQuery,
  options: CallOptions | undefined,
): Promise<readonly FtsHit[]> {
  if (filter === undefined) return backend.fts.match(query, options);
  if (backend.capabilities.filters) return backend.fts.match({ ...query, filter }, options);
  const all = await backend.fts.match({ ...query, limit: withoutLimit(query.limit) }, options);
  return filterHits(backend, all, { filter, limit: query.limit }, options);
}

function withoutLimit(limit: number): number {
  return limit === 0 ? 0 : Number.MAX_SAFE_INTEGER;
}

async function filterHits<Hit extends VectorHit | FtsHit>(
  backend: StorageBackend,
  hits: readonly Hit[],
  { filter, limit }: Required<Pick<VectorQuery, 'filter' | 'limit'>>,
  options: CallOptions | undefined,
): Promise<readonly Hit[]> {
  const normal = normalizeFilter(filter);
  if (normal === null) return hits.slice(0, limit);
  const rows = await rowsOf(backend, hits, options);
  const passing = new Set(rows.filter((row) => passesFilter(normal, row)).map((row) => row.id));
  return hits.filter(({ chunkId }) => passing.has(chunkId)).slice(0, limit);
}

async function rowsOf(
  backend: StorageBackend,
  hits: readonly { readonly chunkId: number }[],
  options: CallOptions | undefined,
): Promise<readonly ChunkRecord[]> {
  const ids = [...new Set(hits.map(({ chunkId }) => chunkId))];
  return ids.length === 0 ? [] : backend.catalog.chunks(ids, undefined, options);
}
