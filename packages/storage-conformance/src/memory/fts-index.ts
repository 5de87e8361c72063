import { planFtsQuery, rankTexts } from '@switchyard/fts-text';
import type { Capabilities, FtsRanking } from '@switchyard/storage-core';
import {
  type CallRunner,
  checkFtsQuery,
  type FtsHit,
  type FtsIndex,
  type FtsQuery,
  isStructural,
  normalizeFilter,
  passesFilter,
  rankingOf,
  requireCapability,
  requireFilters,
  withoutFts,
} from '@switchyard/storage-core/backend';
import { findVersion, pageOf } from './lookup.js';
import { rankByShare } from './own-ranking.js';
import type { MemoryState, StoredChunk, Tables } from './tables.js';

/** Implements full-text search by going through every chunk of the store. */
export function memoryFts(
  backend: string,
  capabilities: Capabilities,
  state: MemoryState,
  run: CallRunner,
): FtsIndex {
  if (capabilities.fts === false) return withoutFts(backend, run);
  return {
    match: (query, options) =>
      run(options, () => {
        requireFilters(backend, capabilities, query.filter);
        return match(state.tables, query, rankingOf(capabilities));
      }),
    // Terms are stored with the chunk, so they cannot differ from it.
    rebuild: (options) => run(options, () => requireCapability(backend, capabilities, 'ftsMaintenance')),
    audit: (options) =>
      run(options, () => {
        requireCapability(backend, capabilities, 'ftsMaintenance');
        return { checked: state.tables.chunks.size, problems: [] };
      }),
  };
}

/** Returns the best matches of a version, ties ordered by id. */
export function match(tables: Tables, query: FtsQuery, ranking: FtsRanking): FtsHit[] {
  checkFtsQuery(query);
  const version = findVersion(tables, query.version);
  if (version === undefined) return [];
  const filter = normalizeFilter(query.filter);
  const isWanted = (chunk: StoredChunk) => {
    const { versionId, url } = pageOf(tables, chunk);
    return (
      versionId === version.id &&
      !(query.excludeStructural === true && isStructural(chunk.metadata)) &&
      (filter === null || passesFilter(filter, { url, metadata: chunk.metadata }))
    );
  };
  const texts = [...tables.chunks.values()].map((chunk) => ({
    chunkId: chunk.id,
    indexed: chunk.indexed,
    isWanted: isWanted(chunk),
  }));
  if (ranking !== 'own') return rankTexts(query.terms, texts, query);
  const hits = rankTexts(query.terms, texts, { ...query, limit: texts.length });
  return rankByShare(hits, tables.chunks, planFtsQuery(query.terms)).slice(0, query.limit);
}
