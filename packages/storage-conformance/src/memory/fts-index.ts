import { type FtsPlan, type Posting, planFtsQuery, rankPostings } from '@switchyard/fts-text';
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
  const chunks = [...tables.chunks.values()];
  const plan = planFtsQuery(query.terms);
  const hits = rankPostings({
    plan,
    postings: postingsOf(chunks, plan),
    lengths: new Map(chunks.filter(isWanted).map(({ id, indexed }) => [id, indexed.length])),
    totals: {
      chunks: chunks.length,
      tokens: chunks.reduce((sum, { indexed }) => sum + indexed.length, 0),
    },
    limit: ranking === 'own' ? chunks.length : query.limit,
    weights: query.weights,
  });
  return ranking === 'own' ? rankByShare(hits, tables.chunks, plan).slice(0, query.limit) : hits;
}

/** Returns the postings of a query in all versions: the rarity of a word is counted over the whole store. */
function postingsOf(chunks: readonly StoredChunk[], { terms }: FtsPlan): Posting[] {
  return chunks.flatMap(({ id, indexed }) =>
    indexed.terms
      .filter(({ term }) => terms.includes(term))
      .map(({ term, places }) => ({ chunkId: id, term, places })),
  );
}
