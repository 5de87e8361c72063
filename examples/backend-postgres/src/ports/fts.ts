import {
  countPhrases,
  type FtsPlan,
  type Posting,
  planFtsQuery,
  rankPostings,
  unpackPlaces,
} from '@switchyard/fts-text';
import type { CallOptions, Capabilities } from '@switchyard/storage-core';
import {
  type CallRunner,
  checkFtsQuery,
  type FtsHit,
  type FtsIndex,
  type FtsQuery,
  normalizeFilter,
  requireCapability,
} from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import type { Query } from '../database/connection.js';
import type { Session } from '../database/session.js';
import type { State } from '../database/state.js';
import { filterParameters } from '../filter.js';
import { findVersionId } from '../references.js';
import { PHRASE_POSTINGS, POSTINGS, TERM_COUNTS } from '../sql/search.js';

/** A posting as stored. */
interface PostingRow {
  readonly term: string;
  readonly chunkId: number;
  readonly places: Uint8Array;
}

/** Searches the posting table. PostgreSQL's own full-text search has neither bm25 nor the tokens of FTS5. */
export function postgresFts(capabilities: Capabilities, session: Session, run: CallRunner): FtsIndex {
  const unsupported = (options: CallOptions | undefined) =>
    run<never>(options, () => {
      requireCapability(BACKEND_NAME, capabilities, 'ftsMaintenance');
      throw new Error('ftsMaintenance is declared but not implemented.');
    });
  return {
    match: (query, options) =>
      run(options, () => {
        checkFtsQuery(query);
        return session.snapshot<readonly FtsHit[]>(
          options,
          () => [],
          (run, state) => match(run, state, query),
        );
      }),
    rebuild: unsupported,
    audit: unsupported,
  };
}

/** Returns the best matches of a version. */
export async function match(run: Query, totals: State, query: FtsQuery): Promise<readonly FtsHit[]> {
  const plan = planFtsQuery(query.terms);
  const { limit, weights, excludeStructural = false } = query;
  const filter = normalizeFilter(query.filter);
  const versionId = await findVersionId(run, query.version);
  if (versionId === null || limit === 0 || plan.phrases.length === 0) return [];
  const rows = await run<PostingRow & { readonly tokens: number }>(POSTINGS, [
    plan.terms,
    versionId,
    excludeStructural,
    ...filterParameters(filter),
  ]);
  if (rows.length === 0) return [];
  const lengths = new Map(rows.map(({ chunkId, tokens }) => [chunkId, tokens]));
  const counts = await countInStore(run, plan);
  return rankPostings({ plan, postings: rows.map(toPosting), lengths, totals, limit, weights, counts });
}

/**
 * Counts the chunks of the whole store that contain each phrase: PostgreSQL those with a single term, and
 * `countPhrases()` those with several, which must follow each other.
 */
async function countInStore(run: Query, { phrases, terms }: FtsPlan): Promise<readonly number[]> {
  const rows = await run<{ readonly term: string; readonly chunks: number }>(TERM_COUNTS, [terms]);
  const byTerm = new Map(rows.map(({ term, chunks }) => [term, chunks]));
  const counts: number[] = [];
  for (const phrase of phrases) {
    const [first = ''] = phrase;
    counts.push(phrase.length === 1 ? (byTerm.get(first) ?? 0) : await countPhrase(run, phrase));
  }
  return counts;
}

async function countPhrase(run: Query, phrase: readonly string[]): Promise<number> {
  const plan = { phrases: [phrase], terms: [...new Set(phrase)] };
  const rows = await run<PostingRow>(PHRASE_POSTINGS, [plan.terms]);
  const [count = 0] = countPhrases(plan, rows.map(toPosting));
  return count;
}

function toPosting({ term, chunkId, places }: PostingRow): Posting {
  return { term, chunkId, places: unpackPlaces(places) };
}
