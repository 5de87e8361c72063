import type { CallOptions, Capabilities, ChunkRecord } from '@switchyard/storage-core';
import {
  type CandidateRequest,
  type Candidates,
  checkCandidateRequest,
  type FtsHit,
  fuse,
  mergeFtsHits,
  mergeVectorHits,
  requireModel,
  requireSearchMode,
  type VectorHit,
} from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import type { Query } from '../database/connection.js';
import type { Session } from '../database/session.js';
import type { State } from '../database/state.js';
import { findVersionId } from '../references.js';
import { type ChunkRow, toChunk } from '../rows.js';
import { CHUNKS } from '../sql/catalog.js';
import { STRUCTURAL } from '../sql/search.js';
import { chunkParameters } from './catalog.js';
import { match } from './fts.js';
import { relativesOf } from './relatives.js';
import { nearest } from './vectors.js';

/** Implements `StorageBackend.candidates`: both lists and the rows of the best hits, from one state of the store. */
export function readCandidates(
  capabilities: Capabilities,
  session: Session,
  request: CandidateRequest,
  options: CallOptions | undefined,
): Promise<Candidates> {
  const { versions, vector, context } = request;
  if (vector !== null) requireSearchMode(BACKEND_NAME, capabilities, vector.mode);
  checkCandidateRequest(request, undefined);
  const empty = (): Candidates => ({
    versionIds: versions.map(() => null),
    vector: [],
    fts: [],
    structural: [],
    fused: [],
    rows: [],
    ...(context === undefined ? {} : { relatives: [] }),
  });
  return session.snapshot(options, empty, (query, state) => candidatesOf(query, state, request));
}

async function candidatesOf(query: Query, state: State, request: CandidateRequest): Promise<Candidates> {
  const { versions, fusion, context } = request;
  if (request.vector !== null) requireModel(BACKEND_NAME, state.profile, request.vector.model);
  checkCandidateRequest(request, state.profile?.dimension);
  const versionIds: (number | null)[] = [];
  for (const version of versions) versionIds.push(await findVersionId(query, version));

  const { vector, fts } = await bothLists(query, state, request, new Set(versionIds));
  const found = [...new Set([...vector, ...fts].map(({ chunkId }) => chunkId))];
  const structural = (await query<{ readonly id: number }>(STRUCTURAL, [found])).map(({ id }) => id);
  const fused = fuse(vector, fts, new Set(structural), fusion).slice(0, fusion.limit);
  const chunkIds = fused.map(({ chunkId }) => chunkId);
  const lists = { versionIds, vector, fts, structural, fused };
  if (context === undefined) return { ...lists, rows: await rowsOf(query, chunkIds) };
  const relatives = (await relativesOf(query, { ...context, chunkIds })).filter((one) => one !== null);
  return { ...lists, rows: relatives.map(({ chunk }) => chunk), relatives };
}

/** Searches each version once, and merges the hits as if all chunks were in one. */
async function bothLists(
  query: Query,
  state: State,
  { filter, vector: wanted, fts }: CandidateRequest,
  versionIds: ReadonlySet<number | null>,
) {
  const vectorLists: (readonly VectorHit[])[] = [];
  const ftsLists: (readonly FtsHit[])[] = [];
  for (const versionId of versionIds) {
    if (versionId === null) continue;
    const version = { versionId };
    if (wanted !== null) {
      vectorLists.push(await nearest(query, state, { ...wanted, version, filter, vector: wanted.values }));
    }
    ftsLists.push(await match(query, state, { ...fts, version, filter }));
  }
  return {
    vector: mergeVectorHits(vectorLists, wanted?.limit ?? 0),
    fts: mergeFtsHits(ftsLists, fts.limit),
  };
}

async function rowsOf(query: Query, ids: readonly number[]): Promise<readonly ChunkRecord[]> {
  return (await query<ChunkRow>(CHUNKS, chunkParameters(ids, undefined))).map(toChunk);
}
