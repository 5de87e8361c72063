import { parseSearchText } from '@switchyard/storage-core';
import type { FtsHit, VectorHit } from '@switchyard/storage-core/backend';
import { hasCapability, isStructural } from '@switchyard/storage-core/backend';
import type { ComparedStore, CompareQuery } from '../types.js';
import { Keys } from './keys.js';

/** A candidate with the score that its list gives it, higher being better. */
export interface Candidate {
  readonly key: string;
  readonly id: number;
  /** −distance or −bm25, so that higher is better. */
  readonly score: number;
}

/** Candidate lists of a search before they are fused. */
export interface RawLists {
  /** Null for a search by full text only. */
  readonly vector: readonly Candidate[] | null;
  readonly words: readonly Candidate[];
  /** Every match; null when there are too many to read. */
  readonly allMatches: ReadonlySet<string> | null;
  readonly structural: ReadonlySet<string>;
  /** Lengths that were asked for: a list of that length may be cut within a tie. */
  readonly limits: { readonly vector: number; readonly words: number };
}

/** Limits that `DocumentStore.search` uses when it is given none. */
const OVERFETCH = 2;
const VECTOR_MULTIPLIER = 10;

/** Matches that are read to tell other matches from other places. */
const MATCHES_MAX = 2_000;

/** Reads the lists that a search fuses, with their distances and scores. */
export async function readRawLists(
  { store, mode }: ComparedStore,
  query: CompareQuery,
  vector: Float32Array | null,
  signal: AbortSignal | undefined,
): Promise<RawLists> {
  const { backend, profile } = store;
  const version = { library: query.library, version: query.version };
  const overfetch = Math.max(1, query.limit * OVERFETCH);
  const limits = { vector: overfetch * VECTOR_MULTIPLIER, words: vector === null ? query.limit : overfetch };
  const nearest: readonly VectorHit[] =
    vector === null || profile === null
      ? []
      : await backend.vectors.nearest(
          {
            version,
            vector: padded(vector, profile.dimension),
            limit: limits.vector,
            mode,
            model: profile.model,
          },
          { signal },
        );
  const all: readonly FtsHit[] = hasCapability(backend.capabilities, 'fts')
    ? await backend.fts.match(
        {
          version,
          terms: parseSearchText(query.text),
          limit: Math.max(limits.words, MATCHES_MAX),
          excludeStructural: vector === null,
        },
        { signal },
      )
    : [];
  const matches = all.slice(0, limits.words);
  const ids = [...new Set([...nearest, ...all].map(({ chunkId }) => chunkId))];
  const rows = ids.length === 0 ? [] : await backend.catalog.chunks(ids, undefined, { signal });
  const keys = new Keys();
  // By id, so that two chunks at the same place of a page are told apart alike in both stores.
  const keyOf = new Map([...rows].sort((a, b) => a.id - b.id).map((row) => [row.id, keys.of(row)]));
  const toCandidate = (id: number, score: number): Candidate[] => {
    const key = keyOf.get(id);
    return key === undefined ? [] : [{ key, id, score }];
  };
  return {
    vector:
      vector === null ? null : nearest.flatMap(({ chunkId, distance }) => toCandidate(chunkId, -distance)),
    words: matches.flatMap(({ chunkId, score }) => toCandidate(chunkId, score)),
    allMatches:
      all.length >= MATCHES_MAX ? null : new Set(all.flatMap(({ chunkId }) => keyOf.get(chunkId) ?? [])),
    structural: new Set(
      rows.filter(({ metadata }) => isStructural(metadata)).map(({ id }) => keyOf.get(id) ?? ''),
    ),
    limits,
  };
}

/** A shorter vector is padded with zeros, as `DocumentStore.search` does. */
export function padded(vector: Float32Array, dimension: number): Float32Array {
  if (vector.length >= dimension) return vector;
  const longer = new Float32Array(dimension);
  longer.set(vector);
  return longer;
}
