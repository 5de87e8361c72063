import type { ChunkFilter, StorageBackend } from '@switchyard/storage-core';
import { fault } from './fault.js';
import type { Changes } from './overlay.js';

/** Changes the filter of every search. */
function filtering(
  inner: StorageBackend,
  change: (filter: ChunkFilter | undefined) => ChunkFilter | undefined,
): Changes {
  return {
    vectors: {
      nearest: (query, options) => inner.vectors.nearest({ ...query, filter: change(query.filter) }, options),
    },
    fts: {
      match: (query, options) => inner.fts.match({ ...query, filter: change(query.filter) }, options),
    },
  };
}

/** Backends that filter wrongly, or search several versions wrongly. */
export const filterFaults = [
  fault('filters-vectors-after-the-limit', 'filters/before-the-limit', (inner) => ({
    vectors: {
      nearest: async (query, options) => {
        const hits = await inner.vectors.nearest({ ...query, filter: undefined }, options);
        const passing = await inner.vectors.nearest({ ...query, limit: Number.MAX_SAFE_INTEGER }, options);
        return hits.filter(({ chunkId }) => passing.some((hit) => hit.chunkId === chunkId));
      },
    },
  })),
  fault('filters-full-text-after-the-limit', 'filters/before-the-limit', (inner) => ({
    fts: {
      match: async (query, options) => {
        const hits = await inner.fts.match({ ...query, filter: undefined }, options);
        const passing = await inner.fts.match({ ...query, limit: Number.MAX_SAFE_INTEGER }, options);
        return hits.filter(({ chunkId }) => passing.some((hit) => hit.chunkId === chunkId));
      },
    },
  })),
  fault('ignores-filters', 'filters/types', (inner) => filtering(inner, () => undefined)),
  fault('needs-every-type', 'filters/types', (inner) =>
    filtering(inner, (filter) =>
      filter?.types === undefined || filter.types.length < 2 ? filter : { ...filter, types: ['none'] },
    ),
  ),
  fault('compares-only-the-first-heading', 'filters/path-prefix', (inner) =>
    filtering(inner, (filter) => filter && { ...filter, pathPrefix: filter.pathPrefix?.slice(0, 1) }),
  ),
  fault('ignores-case-in-urls', 'filters/url-prefix', (inner) =>
    filtering(inner, (filter) => filter && { ...filter, urlPrefix: filter.urlPrefix?.toLowerCase() }),
  ),
  fault('takes-percent-for-a-wildcard', 'filters/url-prefix', (inner) =>
    filtering(inner, (filter) => filter && { ...filter, urlPrefix: filter.urlPrefix?.replace(/%.*$/, '') }),
  ),
  fault('keeps-what-passed-a-filter', 'filters/after-writes', (inner) => {
    const kept = new Map<string, ReturnType<typeof inner.fts.match>>();
    return {
      fts: {
        match: (query, options) => {
          if (query.filter === undefined) return inner.fts.match(query, options);
          const key = JSON.stringify(query);
          const hits = kept.get(key) ?? inner.fts.match(query, options);
          kept.set(key, hits);
          return hits;
        },
      },
    };
  }),
  fault('drops-the-filter-of-candidates', 'filters/types', (inner) => ({
    candidates: async (request, options) => {
      if (inner.candidates === undefined) throw new Error('The reference backend has candidates().');
      return inner.candidates({ ...request, filter: undefined }, options);
    },
  })),
  fault('searches-only-the-first-version', 'candidates-of-many/as-one-version', (inner) => ({
    candidates: async (request, options) => {
      if (inner.candidates === undefined) throw new Error('The reference backend has candidates().');
      return inner.candidates({ ...request, versions: request.versions.slice(0, 1) }, options);
    },
  })),
  fault('limits-each-version', 'candidates-of-many/as-one-version', (inner) => ({
    candidates: async (request, options) => {
      const { candidates } = inner;
      if (candidates === undefined) throw new Error('The reference backend has candidates().');
      const each = await Promise.all(
        request.versions.map((version) =>
          candidates.call(inner, { ...request, versions: [version] }, options),
        ),
      );
      const whole = await candidates.call(inner, request, options);
      return {
        ...whole,
        vector: each.flatMap(({ vector }) => vector).sort((a, b) => a.distance - b.distance),
      };
    },
  })),
  fault('finds-vectors-everywhere', 'vectors/has-any', () => ({ vectors: { hasAny: async () => true } })),
];
