import type { Mutation, MutationResult, ReplacePage, StorageBackend } from '@switchyard/storage-core';
import { fault } from './fault.js';

/** Changes each page before it is written. */
function changingPages(inner: StorageBackend, change: (write: ReplacePage) => ReplacePage) {
  return {
    apply: (mutations: readonly Mutation[], options?: Parameters<StorageBackend['apply']>[1]) =>
      inner.apply(
        mutations.map((one) => (one.kind === 'replacePage' ? change(one) : one)),
        options,
      ),
  };
}

/** Changes the vectors of each page before it is written. */
function changingVectors(inner: StorageBackend, change: (vector: Float32Array) => Float32Array) {
  return changingPages(inner, (write) => ({
    ...write,
    chunks: write.chunks.map((chunk) => ({ ...chunk, vector: chunk.vector && change(chunk.vector) })),
  }));
}

/** Backends that write something other than what they are given. */
export const writeFaults = [
  fault('loses-the-last-chunk', 'pages/chunks-in-order', (inner) =>
    changingPages(inner, (write) => ({
      ...write,
      chunks: write.chunks.slice(0, Math.max(1, write.chunks.length - 1)),
    })),
  ),
  fault('takes-vectors-of-any-model', 'profile/page-of-another-model', (inner) =>
    changingPages(inner, (write) => ({ ...write, model: undefined })),
  ),
  fault('takes-any-metadata', 'well-formed/metadata-is-checked', (inner) =>
    changingPages(inner, (write) => ({
      ...write,
      chunks: write.chunks.map((chunk) => ({ ...chunk, metadata: { types: [], level: 0, path: [] } })),
    })),
  ),
  fault('loses-chunks-beyond-a-batch', 'pages/many-chunks', (inner) =>
    changingPages(inner, (write) => ({ ...write, chunks: write.chunks.slice(0, 512) })),
  ),
  fault('ignores-pages-without-chunks', 'pages/without-chunks', (inner) => ({
    apply: async (mutations, options) => {
      const results: MutationResult[] = [];
      for (const one of mutations) {
        if (one.kind === 'replacePage' && one.chunks.length === 0) {
          results.push({ kind: 'replacePage', versionId: 1, pageId: 1, chunkIds: [], chunksReplaced: 0 });
        } else results.push(...(await inner.apply([one], options)));
      }
      return results;
    },
  })),
  fault('adds-instead-of-replacing', 'ids/replace-without-ids-is-idempotent', (inner) => ({
    apply: async (mutations, options) => {
      const merged: Mutation[] = [];
      for (const one of mutations) {
        if (one.kind !== 'replacePage') merged.push(one);
        else {
          const old = (await inner.catalog.snapshot({ version: one.version, limit: 999 })).find(
            ({ page }) => page.url === one.page.url,
          );
          const kept = (old?.chunks ?? []).map(({ id: _, ...chunk }) => chunk);
          merged.push({
            ...one,
            chunks: [...kept, ...one.chunks].map((chunk, sortOrder) => ({ ...chunk, sortOrder })),
          });
        }
      }
      return inner.apply(merged, options);
    },
  })),
  fault('sets-updated-at-as-a-trigger-does', 'pages/replace-touches-updated-at', (inner) =>
    changingPages(inner, (write) => ({ ...write, page: { ...write.page, updatedAt: undefined } })),
  ),
  fault('leaves-updated-at-of-versions', 'versions/status-touches-updated-at', (inner) => ({
    apply: async (mutations, options) => {
      const [first] = mutations;
      const before =
        first?.kind === 'setVersionStatus' ? await inner.catalog.version(first.version, options) : null;
      const results = await inner.apply(mutations, options);
      if (before !== null) {
        const version = await inner.catalog.version({ versionId: before.id });
        const library = await inner.catalog.library({ libraryId: before.libraryId });
        if (version !== null && library !== null) {
          await inner.apply([
            { kind: 'putVersion', library, version: { ...version, updatedAt: before.updatedAt } },
          ]);
        }
      }
      return results;
    },
  })),
  fault('fails-for-a-version-that-is-gone', 'versions/ignored-unknown-version', (inner) => ({
    apply: (mutations, options) =>
      inner.apply(
        mutations.map((one) => ('ifMissing' in one ? { ...one, ifMissing: undefined } : one)),
        options,
      ),
  })),
  fault('creates-a-version-that-is-gone', 'versions/ignored-unknown-version', (inner) => ({
    apply: async (mutations, options) => {
      const results = await inner.apply(mutations, options);
      for (const one of mutations) {
        if (one.kind !== 'setVersionStatus' || 'versionId' in one.version) continue;
        await inner.apply([{ kind: 'resolveVersion', ...one.version }]);
      }
      return results;
    },
  })),
  fault('applies-half-a-list', 'atomicity/all-or-nothing', (inner) => ({
    apply: async (mutations, options) => {
      const results: MutationResult[] = [];
      for (const one of mutations) results.push(...(await inner.apply([one], options)));
      return results;
    },
  })),
  fault('swallows-errors', 'calls/errors-say-what-happened', (inner) => ({
    apply: (mutations, options) => inner.apply(mutations, options).catch(() => []),
  })),
  fault('accepts-nan', 'vector-values/not-finite-is-refused', (inner) =>
    changingVectors(inner, (vector) =>
      vector.map((component) => (Number.isFinite(component) ? component : 0)),
    ),
  ),
  fault('accepts-any-dimension', 'vector-values/wrong-dimension-is-refused', (inner) =>
    changingVectors(inner, (vector) => {
      const fitted = new Float32Array(4);
      fitted.set(vector.subarray(0, 4));
      return fitted;
    }),
  ),
  fault('reads-the-whole-buffer-of-a-view', 'vector-values/views-into-larger-buffers', (inner) =>
    changingVectors(inner, (vector) => new Float32Array(vector.buffer, 0, vector.length)),
  ),
  fault('loses-the-sign-of-zero', 'vector-values/negative-zero-is-kept', (inner) =>
    changingVectors(inner, (vector) => vector.map((component) => component + 0)),
  ),
  fault('keeps-the-library', 'versions/remove-last', (inner) => ({
    apply: (mutations, options) =>
      inner.apply(
        mutations.map((one) => (one.kind === 'removeVersion' ? { ...one, removeLibrary: false } : one)),
        options,
      ),
  })),
  fault('deletes-the-library-too-early', 'versions/remove', (inner) => ({
    apply: async (mutations, options) => {
      const others: Mutation[] = [];
      for (const one of mutations) {
        if (one.kind !== 'removeVersion') continue;
        const version = await inner.catalog.version(one.version);
        const versions =
          version === null ? [] : await inner.catalog.versions({ libraryId: version.libraryId });
        others.push(
          ...versions.map(({ id }) => ({ kind: 'removeVersion' as const, version: { versionId: id } })),
        );
      }
      const results = await inner.apply([...mutations, ...others], options);
      return results.slice(0, mutations.length);
    },
  })),
];
