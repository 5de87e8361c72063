import type { Capabilities, ReconcilePolicy } from '@switchyard/storage-core';
import {
  type CallRunner,
  checkVectorQuery,
  distance,
  normalizeFilter,
  type ProfileRequest,
  passesFilter,
  planReconcile,
  type ReconcileResult,
  requireCapability,
  requireFilters,
  requireModel,
  requireSearchMode,
  type VectorHit,
  type VectorIndex,
  type VectorQuery,
  voidMarkers,
  withoutVectors,
} from '@switchyard/storage-core/backend';
import { MemoryLogRecords } from './log-records.js';
import { findVersion, pageOf } from './lookup.js';
import { type MemoryState, Tables } from './tables.js';

/** Implements exact search by comparing the query with every vector of the version. */
export function memoryVectors(
  backend: string,
  capabilities: Capabilities,
  state: MemoryState,
  run: CallRunner,
): VectorIndex {
  if (capabilities.vectors === false) return withoutVectors(backend, run);
  return {
    profile: (options) => run(options, () => state.tables.profile),
    reconcile: (request, policy, options) =>
      run(options, () => reconcile(backend, capabilities, state, request, policy)),
    nearest: (query, options) =>
      run(options, () => {
        requireSearchMode(backend, capabilities, query.mode);
        requireFilters(backend, capabilities, query.filter);
        requireModel(backend, state.tables.profile, query.model);
        return nearest(state.tables, query);
      }),
    hasAny: ({ versions, model }, options) =>
      run(options, () => {
        requireModel(backend, state.tables.profile, model);
        const ids = new Set(versions.map((version) => findVersion(state.tables, version)?.id));
        return [...state.tables.chunks.values()].some(
          (chunk) => chunk.vector !== null && ids.has(pageOf(state.tables, chunk).versionId),
        );
      }),
    stats: (options) =>
      run(options, () => {
        const indexed = [...state.tables.chunks.values()].filter((chunk) => chunk.vector !== null).length;
        return { indexed, without: state.tables.chunks.size - indexed, unusable: 0 };
      }),
    // The chunks are the index, so nothing can differ from them.
    rebuild: (options) => run(options, () => requireCapability(backend, capabilities, 'vectorMaintenance')),
    audit: (options) =>
      run(options, () => {
        requireCapability(backend, capabilities, 'vectorMaintenance');
        return { checked: state.tables.chunks.size, problems: [] };
      }),
  };
}

/** Returns the nearest chunks of a version, ties ordered by id. */
export function nearest(tables: Tables, query: VectorQuery): VectorHit[] {
  const { profile } = tables;
  checkVectorQuery(query, profile?.dimension);
  const version = findVersion(tables, query.version);
  if (profile === null || version === undefined) return [];
  const filter = normalizeFilter(query.filter);
  const hits: VectorHit[] = [];
  for (const chunk of tables.chunks.values()) {
    const { versionId, url } = pageOf(tables, chunk);
    if (chunk.vector === null || versionId !== version.id) continue;
    if (filter !== null && !passesFilter(filter, { url, metadata: chunk.metadata })) continue;
    hits.push({ chunkId: chunk.id, distance: distance(profile.metric, query.vector, chunk.vector) });
  }
  return hits.sort((a, b) => a.distance - b.distance || a.chunkId - b.chunkId).slice(0, query.limit);
}

function reconcile(
  backend: string,
  capabilities: Capabilities,
  state: MemoryState,
  request: ProfileRequest,
  policy: ReconcilePolicy,
): ReconcileResult {
  const plan = planReconcile(backend, capabilities, state.tables.profile, request, policy);
  if (plan.outcome === 'unchanged') return { ...plan, vectorsDropped: 0 };
  const tables = new Tables(state.tables);
  tables.profile = plan.profile;
  let vectorsDropped = 0;
  for (const chunk of state.tables.chunks.values()) {
    if (plan.outcome !== 'reset' || chunk.vector === null) continue;
    tables.chunks.set(chunk.id, { ...chunk, vector: null });
    vectorsDropped += 1;
  }
  if (tables.log !== null) voidMarkers(new MemoryLogRecords(tables));
  state.tables = tables;
  return { ...plan, vectorsDropped };
}
