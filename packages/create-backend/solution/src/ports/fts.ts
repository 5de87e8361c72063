import { planFtsQuery, rankPostings } from '@switchyard/fts-text';
import {
  type CallRunner,
  checkFtsQuery,
  type FtsIndex,
  isStructural,
  requireCapability,
  requireFilters,
} from '@switchyard/storage-core/backend';
import { capabilities } from '../capabilities.js';
import { findVersion, isWanted } from '../lookup.js';
import type { Store } from '../store.js';

const NAME = 'template-scheme';

export function ftsPort(store: Store, run: CallRunner): FtsIndex {
  return {
    match: (query, options) =>
      run(options, () =>
        store.read(async (tables) => {
          requireFilters(NAME, capabilities, query.filter);
          checkFtsQuery(query);
          const version = findVersion(tables, query.version);
          if (version === undefined) return [];
          const plan = planFtsQuery(query.terms);
          const chunks = [...tables.chunks.values()];
          const wanted = chunks.filter(
            (chunk) =>
              isWanted(tables, chunk, version.id, query.filter) &&
              !(query.excludeStructural === true && isStructural(chunk.metadata)),
          );
          return rankPostings({
            plan,
            postings: chunks.flatMap(({ id: chunkId, text }) =>
              text.terms
                .filter(({ term }) => plan.terms.includes(term))
                .map(({ term, places }) => ({ chunkId, term, places })),
            ),
            lengths: new Map(wanted.map(({ id, text }) => [id, text.length])),
            totals: { chunks: chunks.length, tokens: chunks.reduce((sum, { text }) => sum + text.length, 0) },
            limit: query.limit,
            weights: query.weights,
          });
        }),
      ),
    rebuild: (options) => run(options, () => requireCapability(NAME, capabilities, 'ftsMaintenance')),
    audit: (options) =>
      run(options, () => {
        requireCapability(NAME, capabilities, 'ftsMaintenance');
        return { checked: 0, problems: [] };
      }),
  };
}
