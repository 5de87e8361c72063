import type { CallOptions, StorageBackend } from '@switchyard/storage-core';
import type { FtsHit, FtsQuery } from '@switchyard/storage-core/backend';
import { MemoryBackend } from '../memory/index.js';
import { withoutVectors } from '../suite/without-vectors.js';
import { type Fault, fault } from './fault.js';
import type { Changes } from './overlay.js';

const ALL = 1_000_000;
const byScore = (a: FtsHit, b: FtsHit) => b.score - a.score || a.chunkId - b.chunkId;

/** Defines a fault of a backend with a full-text ranking of its own. */
const ownFault = (name: string, caughtBy: string, change: (inner: StorageBackend) => Changes): Fault =>
  fault(`own-ranking-${name}`, caughtBy, change, { ranking: 'own' });

/** Lets a faulty backend pick from all matches; rejections are unchanged. */
function picking(
  inner: StorageBackend,
  pick: (hits: readonly FtsHit[], query: FtsQuery) => readonly FtsHit[] | Promise<readonly FtsHit[]>,
): Changes {
  return {
    fts: {
      match: async (query: FtsQuery, options?: CallOptions) => {
        await inner.fts.match(query, options);
        return pick(await inner.fts.match({ ...query, limit: ALL }, options), query);
      },
    },
  };
}

/** Relates the scores of a list to its best one. */
function relative(hits: readonly FtsHit[]): FtsHit[] {
  const best = hits[0]?.score ?? 1;
  return hits.map((hit) => ({ ...hit, score: hit.score / best }));
}

/** Backends with a full-text ranking of their own that break what every ranking owes. */
export const rankingFaults = [
  ownFault('finds-only-the-first-word', 'fts-ranking/members', (inner) => ({
    fts: {
      match: (query, options) => inner.fts.match({ ...query, terms: query.terms.slice(0, 1) }, options),
    },
  })),
  ownFault('weighs-chunks-away', 'fts-ranking/members', (inner) =>
    picking(inner, (hits, { weights, limit }) => (weights?.content === 0 ? [] : hits.slice(0, limit))),
  ),
  ownFault('has-infinite-scores', 'fts-ranking/best-first', (inner) =>
    picking(inner, (hits, { limit }) =>
      hits
        .slice(0, limit)
        .map((hit, place) => (place === 0 ? { ...hit, score: Number.POSITIVE_INFINITY } : hit)),
    ),
  ),
  ownFault('orders-ties-by-the-latest', 'fts-ranking/best-first', (inner) =>
    picking(inner, (hits, { limit }) =>
      [...hits].sort((a, b) => b.score - a.score || b.chunkId - a.chunkId).slice(0, limit),
    ),
  ),
  ownFault('cuts-before-it-ranks', 'fts-ranking/limits', (inner) =>
    picking(inner, (hits, { limit }) =>
      [...hits]
        .sort((a, b) => a.chunkId - b.chunkId)
        .slice(0, limit)
        .sort(byScore),
    ),
  ),
  ownFault('prefers-what-was-found-before', 'fts-ranking/repeatable', (inner) => {
    const found = new Map<number, number>();
    return picking(inner, (hits, { limit }) => {
      const ranked = hits
        .map((hit) => ({ ...hit, score: hit.score + (found.get(hit.chunkId) ?? 0) }))
        .sort(byScore);
      for (const { chunkId } of ranked.slice(0, 2)) found.set(chunkId, (found.get(chunkId) ?? 0) + 0.01);
      return ranked.slice(0, limit);
    });
  }),
  ownFault('relates-scores-to-the-best-hit', 'fts-ranking/without-structural', (inner) =>
    picking(inner, (hits, { limit }) => relative(hits).slice(0, limit)),
  ),
  ownFault('relates-scores-to-the-best-hit-of-a-filter', 'filters/like-brute-force', (inner) =>
    picking(inner, (hits, { filter, limit }) =>
      (filter === undefined ? hits : relative(hits)).slice(0, limit),
    ),
  ),
  ownFault('drops-frequent-words', 'fts-ranking/other-versions', (inner) =>
    picking(inner, async (hits, query) => {
      const { chunks } = (await inner.inspect()).counts;
      const kept: string[] = [];
      for (const term of query.terms) {
        let matches = 0;
        for (const { version } of await inner.catalog.overview()) {
          const one = { version: { versionId: version.id }, terms: [term], limit: ALL };
          matches += (await inner.fts.match(one)).length;
        }
        if (matches / chunks < 0.4) kept.push(term);
      }
      if (kept.length === query.terms.length) return hits.slice(0, query.limit);
      return kept.length === 0 ? [] : inner.fts.match({ ...query, terms: kept });
    }),
  ),
  ownFault('is-another-in-candidates', 'candidates/same-as-single-calls', (inner) => ({
    candidates: async (request, options) => {
      if (inner.candidates === undefined) throw new Error('The reference backend has candidates().');
      const found = await inner.candidates(request, options);
      return { ...found, fts: found.fts.map((hit, place) => ({ ...hit, score: found.fts.length - place })) };
    },
  })),
  ownFault('is-another-for-several-versions', 'candidates-of-many/as-one-version', (inner) => ({
    candidates: async (request, options) => {
      if (inner.candidates === undefined) throw new Error('The reference backend has candidates().');
      const found = await inner.candidates(request, options);
      if (request.versions.length === 1) return found;
      return { ...found, fts: [...found.fts].sort((a, b) => a.chunkId - b.chunkId) };
    },
  })),
  fault(
    'declares-a-ranking-that-it-does-not-have',
    'fts-scores/golden',
    () => {
      const own = new MemoryBackend({ capabilities: { ranking: 'own', multiProcess: true } });
      return {
        open: () => own.open(),
        close: () => own.close(),
        apply: (mutations, options) => own.apply(mutations, options),
        catalog: own.catalog,
        vectors: own.vectors,
        fts: own.fts,
      };
    },
    { ranking: 'fts5-bm25' },
  ),
  fault('searches-without-declaring-it', 'capabilities/fts', () => ({
    capabilities: { fts: false, candidates: false, ftsMaintenance: false },
  })),
  fault('declares-candidates-without-full-text', 'capabilities/declaration', () => ({
    capabilities: { fts: false, ftsMaintenance: false },
  })),
  fault(
    'drops-vectors-without-a-word',
    'capabilities/lists-that-are-there',
    (inner) => ({
      apply: (mutations, options) => inner.apply(mutations.map(withoutVectors), options),
    }),
    { vectors: false },
  ),
];
