import type { ChunkId, StorageBackend } from '@switchyard/storage-core';
import type { VectorStaging } from '@switchyard/storage-core/backend';
import { fault } from './fault.js';

function stagingOf({ staging }: StorageBackend): VectorStaging {
  if (staging === undefined) throw new TypeError('The reference has no staging.');
  return staging;
}

/** Backends that re-embed incorrectly. */
export const stagingFaults = [
  fault('forgets-what-was-staged-when-begun-again', 'staging/begin', (inner) => ({
    staging: {
      begin: async (profile, options) => {
        const { staged } = { ...(await stagingOf(inner).status()) };
        if (staged !== undefined) await stagingOf(inner).abort();
        return stagingOf(inner).begin(profile, options);
      },
    },
  })),
  fault('gives-done-chunks-as-missing', 'staging/missing', (inner) => {
    const seen = new Map<ChunkId, Awaited<ReturnType<VectorStaging['missing']>>[number]>();
    return {
      staging: {
        missing: async (request, options) => {
          for (const one of await stagingOf(inner).missing(request, options)) seen.set(one.chunkId, one);
          return [...seen.values()]
            .filter(({ chunkId }) => chunkId > (request.after ?? 0))
            .slice(0, request.limit);
        },
      },
    };
  }),
  fault('stages-where-searches-see-it', 'staging/invisible', (inner) => ({
    staging: {
      stage: async (request, options) => {
        await stagingOf(inner).stage(request, options);
        await inner.vectors.reconcile(request.profile, 'reset');
      },
    },
  })),
  fault('stages-vectors-of-any-model', 'staging/checks', (inner) => ({
    staging: {
      stage: async (request, options) => {
        const { profile = request.profile } = { ...(await stagingOf(inner).status()) };
        await stagingOf(inner).stage({ ...request, profile }, options);
      },
    },
  })),
  fault('commits-what-is-incomplete', 'staging/commit-incomplete', (inner) => ({
    staging: {
      commit: async (profile, options) => {
        const missing = await stagingOf(inner).missing({ limit: 1000 });
        const vectors = missing.map(({ chunkId }) => ({ chunkId, values: null }));
        await stagingOf(inner).stage({ profile, vectors });
        return stagingOf(inner).commit(profile, options);
      },
    },
  })),
  fault('commits-and-keeps-the-old-vectors', 'staging/commit', (inner) => ({
    staging: {
      commit: async (profile) => {
        const { staged = 0, givenUp = 0 } = { ...(await stagingOf(inner).status()) };
        const previous = await inner.vectors.profile();
        await stagingOf(inner).abort();
        return { profile, previous, vectors: staged - givenUp, givenUp };
      },
    },
  })),
  fault('searches-old-vectors-after-a-commit', 'staging/commit-same-dimension', (inner) => {
    const cache = new Map<string, Awaited<ReturnType<StorageBackend['vectors']['nearest']>>>();
    return {
      vectors: {
        nearest: async (query, options) => {
          const key = JSON.stringify([query.version, [...query.vector], query.limit]);
          const hits = cache.get(key) ?? (await inner.vectors.nearest(query, options));
          cache.set(key, hits);
          return hits;
        },
      },
    };
  }),
  fault('gives-up-without-noting-it', 'staging/given-up', (inner) => ({
    staging: {
      stage: (request, options) =>
        stagingOf(inner).stage(
          { ...request, vectors: request.vectors.filter(({ values }) => values !== null) },
          options,
        ),
    },
  })),
  fault('keeps-staged-vectors-of-another-text', 'staging/written-under-the-same-id', (inner) => {
    const done = new Set<ChunkId>();
    return {
      staging: {
        stage: async (request, options) => {
          await stagingOf(inner).stage(request, options);
          for (const { chunkId } of request.vectors) done.add(chunkId);
        },
        missing: async (request, options) =>
          (await stagingOf(inner).missing(request, options)).filter(({ chunkId }) => !done.has(chunkId)),
      },
    };
  }),
  fault('aborts-and-leaves-what-was-staged', 'staging/abort', (inner) => ({
    staging: { abort: async () => (await stagingOf(inner).status()) !== null },
  })),
  fault('forgets-what-was-staged-when-closed', 'staging/survives', (inner) => ({
    close: async () => {
      if (inner.capabilities.reembedding)
        await stagingOf(inner)
          .abort()
          .catch(() => undefined);
      await inner.close();
    },
  })),
];
