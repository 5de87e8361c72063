import type { Capabilities } from '@switchyard/storage-core';
import {
  type CallRunner,
  checkFtsQuery,
  defaultFtsWeights,
  type FtsHit,
  type FtsIndex,
  type FtsQuery,
  isStructural,
  normalizeFilter,
  passesFilter,
  requireCapability,
  requireFilters,
} from '@switchyard/storage-core/backend';
import { bm25 } from './bm25.js';
import { findVersion, pageOf } from './lookup.js';
import type { MemoryState, Tables } from './tables.js';

/** Implements full-text search by scoring every chunk of the store. */
export function memoryFts(
  backend: string,
  capabilities: Capabilities,
  state: MemoryState,
  run: CallRunner,
): FtsIndex {
  return {
    match: (query, options) =>
      run(options, () => {
        requireFilters(backend, capabilities, query.filter);
        return match(state.tables, query);
      }),
    // Tokens are stored with the chunk, so they cannot differ from it.
    rebuild: (options) => run(options, () => requireCapability(backend, capabilities, 'ftsMaintenance')),
    audit: (options) =>
      run(options, () => {
        requireCapability(backend, capabilities, 'ftsMaintenance');
        return { checked: state.tables.chunks.size, problems: [] };
      }),
  };
}

/** Returns the best matches of a version, ties ordered by id. */
export function match(tables: Tables, query: FtsQuery): FtsHit[] {
  checkFtsQuery(query);
  const version = findVersion(tables, query.version);
  if (version === undefined) return [];
  const filter = normalizeFilter(query.filter);
  const hits = bm25([...tables.chunks.values()], query.terms, query.weights ?? defaultFtsWeights, (chunk) => {
    const { versionId, url } = pageOf(tables, chunk);
    return (
      versionId === version.id &&
      !(query.excludeStructural === true && isStructural(chunk.metadata)) &&
      (filter === null || passesFilter(filter, { url, metadata: chunk.metadata }))
    );
  });
  return hits.slice(0, query.limit);
}
