import type { StorageBackend } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import type { Capabilities } from '../ports/capabilities.js';
import { hasCapability, rankAlike } from '../runtime/capability-guard.js';
import { searchFts, searchHybrid } from '../search/hybrid-search.js';
import type { PageSnapshot } from '../values/records.js';

/** A search that can be run on both stores. */
export interface SampleSearch {
  readonly library: string;
  readonly version: string;
  readonly terms: readonly string[];
  /** Query vector; null for a full-text search. */
  readonly vector: Float32Array | null;
}

const LIMIT = 10;
/** Maximum number of matches that are compared where two stores rank differently. */
const MAX_MATCHES = 1000;

/** Words that a user might search for. */
const WORD = /[\p{L}\p{N}]{4,}/gu;

/** Returns a search for the topic of a chunk; null if the page has no text to search for. */
export function searchFor(
  { chunks }: PageSnapshot,
  version: { readonly library: string; readonly version: string },
  useVector: boolean,
): SampleSearch | null {
  const chunk = chunks.find(({ vector }) => vector !== null) ?? chunks[0];
  const terms = [...new Set(chunk?.content.slice(0, 2000).match(WORD) ?? [])].slice(0, 3);
  if (chunk === undefined || terms.length === 0) return null;
  const usable = useVector && chunk.vector?.some((component) => component !== 0) === true;
  return { ...version, terms, vector: usable ? (chunk.vector as Float32Array).slice() : null };
}

/** Hits in order: ids with their ranks in both lists. */
export type Ranking = readonly string[];

/** Part of the answers that two stores must have in common. */
export type ComparedAnswers = 'rankings' | 'members' | 'vectors';

/** Returns the part of the answers that two stores owe each other. */
export function comparedAnswers(a: Capabilities, b: Capabilities): ComparedAnswers {
  if (!hasCapability(a, 'fts') || !hasCapability(b, 'fts')) return 'vectors';
  return rankAlike(a, b) ? 'rankings' : 'members';
}

/**
 * Runs a search on a store whose full text is not ranked as in the other one, and returns the nearest chunks in order,
 * then the matching chunks by id. Of more than {@link MAX_MATCHES} matches, it returns only that there are as many: which
 * of them come first is a matter of the ranking.
 */
export async function members(
  backend: StorageBackend,
  { library, version, terms, vector }: SampleSearch,
  compared: Exclude<ComparedAnswers, 'rankings'>,
  options: CallOptions,
): Promise<Ranking> {
  const ref = { library, version };
  const near =
    vector === null ? [] : await backend.vectors.nearest({ version: ref, vector, limit: LIMIT }, options);
  const nearest = near.map(({ chunkId }, place) => `${chunkId} (${place + 1}, -)`);
  if (compared === 'vectors') return nearest;
  const matches = await backend.fts.match({ version: ref, terms, limit: MAX_MATCHES + 1 }, options);
  if (matches.length > MAX_MATCHES) return [...nearest, `more than ${MAX_MATCHES} matches`];
  const ids = matches.map(({ chunkId }) => chunkId).sort((x, y) => x - y);
  return [...nearest, ...ids.map((id) => `${id} (-, match)`)];
}

/** Runs a search and returns the ranking. */
export async function rank(
  backend: StorageBackend,
  { library, version, terms, vector }: SampleSearch,
  options: CallOptions,
): Promise<Ranking> {
  const ref = { library, version };
  const hits =
    vector === null
      ? await searchFts(backend, { versions: [ref], terms, limit: LIMIT }, options)
      : await searchHybrid(
          backend,
          {
            versions: [ref],
            vector: { values: vector, limit: LIMIT * 20 },
            fts: { terms, limit: LIMIT * 2 },
            fusion: { limit: LIMIT },
          },
          options,
        );
  return hits.map(({ chunk, vecRank, ftsRank }) => `${chunk.id} (${vecRank ?? '-'}, ${ftsRank ?? '-'})`);
}
