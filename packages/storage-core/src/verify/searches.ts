import type { StorageBackend } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
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
