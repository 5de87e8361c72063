import { type StorageBackend, StorageError, type VersionRef } from '@switchyard/storage-core';
import {
  type FtsHit,
  type FtsQuery,
  fuse,
  type VectorHit,
  type VectorQuery,
} from '@switchyard/storage-core/backend';
import { MemoryBackend } from '../memory/index.js';
import { fault } from './fault.js';

const ALL = 1_000_000;

async function everyVersion({ catalog }: StorageBackend): Promise<VersionRef[]> {
  return (await catalog.overview()).map(({ version }) => ({ versionId: version.id }));
}

const byDistance = (a: VectorHit, b: VectorHit) => a.distance - b.distance || a.chunkId - b.chunkId;
const byScore = (a: FtsHit, b: FtsHit) => b.score - a.score || a.chunkId - b.chunkId;

/** Lets a faulty backend pick from all hits of a version; rejections are unchanged. */
function picking(inner: StorageBackend, pick: (hits: VectorHit[], limit: number) => VectorHit[]) {
  return {
    vectors: {
      nearest: async (query: VectorQuery, options?: Parameters<StorageBackend['vectors']['nearest']>[1]) => {
        await inner.vectors.nearest(query, options);
        const hits = await inner.vectors.nearest({ ...query, limit: ALL }, options);
        return pick([...hits], query.limit);
      },
    },
  };
}

/** Backends that return wrong search results. */
export const searchFaults = [
  fault('counts-only-vectors-in-its-audit', 'vector-values/audit', (inner) => ({
    vectors: {
      audit: async (options) => {
        const { indexed } = await inner.vectors.stats(options);
        return { ...(await inner.vectors.audit(options)), checked: indexed };
      },
    },
  })),
  fault('vectors-leak-across-versions', 'vectors/one-version-only', (inner) => ({
    vectors: {
      nearest: async (query, options) => {
        const own = await inner.vectors.nearest(query, options);
        const hits: VectorHit[] = [];
        for (const version of await everyVersion(inner)) {
          hits.push(...(await inner.vectors.nearest({ ...query, version })));
        }
        return own.length === 0 ? own : hits.sort(byDistance).slice(0, query.limit);
      },
    },
  })),
  fault('filters-the-version-after-the-limit', 'vectors/one-version-only', (inner) => ({
    vectors: {
      nearest: async (query, options) => {
        const own = await inner.vectors.nearest(query, options);
        const hits: VectorHit[] = [];
        for (const version of await everyVersion(inner)) {
          hits.push(...(await inner.vectors.nearest({ ...query, version })));
        }
        const kept = new Set(
          hits
            .sort(byDistance)
            .slice(0, query.limit)
            .map(({ chunkId }) => chunkId),
        );
        return own.filter(({ chunkId }) => kept.has(chunkId));
      },
    },
  })),
  fault('fts-leaks-across-versions', 'fts/one-version-only', (inner) => ({
    fts: {
      match: async (query, options) => {
        const own = await inner.fts.match(query, options);
        const hits: FtsHit[] = [];
        for (const version of await everyVersion(inner))
          hits.push(...(await inner.fts.match({ ...query, version })));
        return own.length === 0 ? own : hits.sort(byScore).slice(0, query.limit);
      },
    },
  })),
  fault('keeps-vectors-of-replaced-chunks', 'pages/replace', (inner) => {
    const left: { readonly url: string; readonly vector: Float32Array }[] = [];
    return {
      apply: async (mutations, options) => {
        for (const one of mutations) {
          if (one.kind !== 'replacePage') continue;
          for (const { page, chunks } of await inner.catalog.snapshot({ version: one.version, limit: 999 })) {
            if (page.url !== one.page.url) continue;
            for (const { vector } of chunks) if (vector !== null) left.push({ url: page.url, vector });
          }
        }
        return inner.apply(mutations, options);
      },
      vectors: {
        nearest: async (query, options) => {
          const hits = await inner.vectors.nearest(query, options);
          const ghosts = left.map((_, i) => ({ chunkId: 900_000 + i, distance: 0 }));
          return [...ghosts, ...hits].sort(byDistance).slice(0, query.limit);
        },
      },
    };
  }),
  fault('orders-ties-by-insertion', 'vectors/ties-with-given-ids', (inner) => {
    const written: number[] = [];
    return {
      apply: async (mutations, options) => {
        const results = await inner.apply(mutations, options);
        for (const result of results) if (result.kind === 'replacePage') written.push(...result.chunkIds);
        return results;
      },
      ...picking(inner, (hits, limit) =>
        hits
          .sort((a, b) => a.distance - b.distance || written.indexOf(a.chunkId) - written.indexOf(b.chunkId))
          .slice(0, limit),
      ),
    };
  }),
  fault('breaks-ties-after-the-limit', 'vectors/ties-at-the-limit', (inner) =>
    picking(inner, (hits, limit) =>
      hits
        .sort((a, b) => a.distance - b.distance || b.chunkId - a.chunkId)
        .slice(0, limit)
        .sort(byDistance),
    ),
  ),
  fault('orders-by-float32-distances', 'vectors/near-ties', (inner) =>
    picking(inner, (hits, limit) =>
      hits
        .map((hit) => ({ ...hit, distance: Math.fround(hit.distance) }))
        .sort(byDistance)
        .slice(0, limit),
    ),
  ),
  fault('gives-one-hit-too-many', 'vectors/limits', (inner) =>
    picking(inner, (hits, limit) => hits.slice(0, limit + 1)),
  ),
  fault('caps-the-limit', 'vectors/exact', (inner) =>
    picking(inner, (hits, limit) => hits.slice(0, Math.min(limit, 32))),
  ),
  fault('squares-the-distance', 'vectors/distance-l2', (inner) =>
    picking(inner, (hits, limit) =>
      hits.slice(0, limit).map((hit) => ({ ...hit, distance: hit.distance ** 2 })),
    ),
  ),
  fault('takes-a-negative-limit-for-none', 'vectors/bad-limits', (inner) => ({
    vectors: {
      nearest: (query, options) =>
        inner.vectors.nearest({ ...query, limit: query.limit >= 0 ? query.limit : ALL }, options),
    },
  })),
  fault('caches-across-connections', 'persistence/seen-by-another-connection', (inner) => {
    const cache = new Map<string, Promise<readonly VectorHit[]>>();
    return {
      apply: (mutations, options) => {
        cache.clear();
        return inner.apply(mutations, options);
      },
      vectors: {
        nearest: (query, options) => {
          const key = JSON.stringify([query.version, [...query.vector], query.limit]);
          const hits = cache.get(key) ?? inner.vectors.nearest(query, options);
          cache.set(key, hits);
          return hits;
        },
      },
    };
  }),
  fault('takes-its-first-metric-for-the-stores', 'profile/stored-metric', (inner) => ({
    vectors: {
      reconcile: (request, policy, options) =>
        inner.vectors.reconcile({ metric: inner.capabilities.metrics[0], ...request }, policy, options),
    },
  })),
  fault('takes-cosine-by-default', 'profile/adopt', (inner) => ({
    vectors: {
      reconcile: async (request, policy, options) => {
        const stored = await inner.vectors.profile(options);
        return inner.vectors.reconcile(
          { ...request, metric: request.metric ?? stored?.metric ?? 'cosine' },
          policy,
          options,
        );
      },
    },
  })),
  fault('takes-an-unknown-model-for-another', 'profile/adopt-a-model', (inner) => ({
    vectors: {
      reconcile: async (request, policy, options) => {
        const stored = await inner.vectors.profile(options);
        if (stored !== null && stored.model === null && request.model !== null) {
          throw new StorageError('STORAGE_MODEL_CHANGED', 'The store has no model.');
        }
        return inner.vectors.reconcile(request, policy, options);
      },
    },
  })),
  fault('keeps-vectors-of-the-same-profile', 'profile/reset-same-profile', (inner) => ({
    vectors: {
      reconcile: (request, policy, options) =>
        inner.vectors.reconcile(request, policy === 'reset' ? 'reset-if-changed' : policy, options),
    },
  })),
  fault('reset-keeps-the-vectors', 'profile/reset-same-dimension', (inner) => {
    const dropped: Float32Array[] = [];
    return {
      vectors: {
        reconcile: async (request, policy, options) => {
          for (const version of await everyVersion(inner)) {
            for (const { chunks } of await inner.catalog.snapshot({ version, limit: 999 })) {
              for (const { vector } of chunks) if (vector !== null) dropped.push(vector);
            }
          }
          return inner.vectors.reconcile(request, policy, options);
        },
        nearest: async (query, options) => {
          const hits = await inner.vectors.nearest(query, options);
          return hits.length > 0
            ? hits
            : dropped.map((_, i) => ({ chunkId: i + 1, distance: 0 })).slice(0, query.limit);
        },
      },
    };
  }),
  fault('ignores-exclude-structural', 'fts/exclude-structural', (inner) => ({
    fts: { match: (query, options) => inner.fts.match({ ...query, excludeStructural: false }, options) },
  })),
  fault('excludes-structural-after-the-limit', 'fts/exclude-structural', (inner) => ({
    fts: {
      match: async (query, options) => {
        const kept = await inner.fts.match({ ...query, limit: ALL }, options);
        const cut = await inner.fts.match({ ...query, excludeStructural: false }, options);
        return cut.filter(({ chunkId }) => kept.some((hit) => hit.chunkId === chunkId));
      },
    },
  })),
  fault('takes-operators-for-operators', 'fts/operators-are-words', (inner) => ({
    fts: {
      match: (query, options) => {
        const terms = query.terms.map((term) => term.replace(/\b(AND|OR|NOT|NEAR)\b/g, ' '));
        return inner.fts.match({ ...query, terms }, options);
      },
    },
  })),
  fault('fails-on-an-open-quote', 'hostile/terms', (inner) => ({
    fts: {
      match: async (query, options) => {
        if (query.terms.some((term) => term.split('"').length % 2 === 0)) {
          throw new StorageError('STORAGE_INTERNAL', 'unterminated string');
        }
        return inner.fts.match(query, options);
      },
    },
  })),
  fault('counts-rarity-per-version', 'fts-scores/whole-store', (inner) => ({
    fts: { match: (query, options) => matchAlone(inner, query, options) },
  })),
  fault('ignores-the-weights', 'fts-scores/weights', (inner) => ({
    fts: { match: (query, options) => inner.fts.match({ ...query, weights: undefined }, options) },
  })),
  fault('searches-with-vectors-of-any-model', 'profile/query-of-another-model', (inner) => ({
    vectors: {
      nearest: (query, options) => inner.vectors.nearest({ ...query, model: undefined }, options),
    },
  })),
  fault('has-candidates-for-vectors-of-any-model', 'profile/candidates-of-another-model', (inner) => ({
    candidates: (request, options) => {
      if (inner.candidates === undefined) throw new Error('The reference backend has candidates().');
      const vector = request.vector && { ...request.vector, model: undefined };
      return inner.candidates({ ...request, vector }, options);
    },
  })),
  fault('forgets-which-candidates-are-structural', 'candidates/same-as-single-calls', (inner) => ({
    candidates: async (request, options) => {
      if (inner.candidates === undefined) throw new Error('The reference backend has candidates().');
      return { ...(await inner.candidates(request, options)), structural: [] };
    },
  })),
  fault('fuses-structural-chunks', 'candidates/fused', (inner) => ({
    candidates: async (request, options) => {
      if (inner.candidates === undefined) throw new Error('The reference backend has candidates().');
      const candidates = await inner.candidates(request, options);
      const fused = fuse(candidates.vector, candidates.fts, new Set(), request.fusion);
      return { ...candidates, fused: fused.slice(0, request.fusion.limit) };
    },
  })),
];

/** Searches a version as if it were alone in the store. */
async function matchAlone(
  inner: StorageBackend,
  query: FtsQuery,
  options: Parameters<StorageBackend['fts']['match']>[1],
): Promise<readonly FtsHit[]> {
  const all = await inner.fts.match(query, options);
  if (all.length === 0) return all;
  const alone = new MemoryBackend();
  await alone.open();
  const pages = await inner.catalog.snapshot({ version: query.version, limit: ALL });
  await alone.apply(
    pages.map(({ page, chunks }) => ({
      kind: 'replacePage' as const,
      version: { library: 'alone', version: '' },
      page,
      chunks: chunks.map((chunk) => ({ ...chunk, vector: null })),
    })),
  );
  const hits = await alone.fts.match({ ...query, version: { library: 'alone', version: '' } });
  await alone.close();
  return hits;
}
