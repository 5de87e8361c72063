import type { Mutation, MutationResult, StorageBackend } from '@switchyard/storage-core';
import type { FtsHit } from '@switchyard/storage-core/backend';
import { fault } from './fault.js';

/** Replaces each mutation by others; the result is that of the last one, or what `result` makes of it. */
function replacing(
  inner: StorageBackend,
  replace: (mutation: Mutation) => Promise<readonly Mutation[]>,
  result: (mutation: Mutation, results: readonly MutationResult[]) => MutationResult,
) {
  return {
    apply: async (mutations: readonly Mutation[], options?: Parameters<StorageBackend['apply']>[1]) => {
      const results: MutationResult[] = [];
      for (const mutation of mutations) {
        const others = await replace(mutation);
        results.push(result(mutation, await inner.apply(others, options)));
      }
      return results;
    },
  };
}

const last = (_: Mutation, results: readonly MutationResult[]) => results.at(-1) as MutationResult;

/** Remembers full-text hits, and still returns them after a mutation of this kind. */
function keepingFullText(inner: StorageBackend, kind: Mutation['kind']) {
  const left: FtsHit[] = [];
  return {
    apply: async (mutations: readonly Mutation[], options?: Parameters<StorageBackend['apply']>[1]) => {
      if (mutations.some((mutation) => mutation.kind === kind)) {
        for (const { version } of await inner.catalog.overview()) {
          const query = { version: { versionId: version.id }, terms: ['zebra'], limit: 99 };
          left.push(...(await inner.fts.match(query)));
        }
      }
      return inner.apply(mutations, options);
    },
    fts: {
      match: async (...args: Parameters<StorageBackend['fts']['match']>) => [
        ...(await inner.fts.match(...args)),
        ...left,
      ],
    },
  };
}

/** Deletes the pages for which a test returns true, whatever the filter says. */
function deletingPages(
  inner: StorageBackend,
  matches: (
    filter: { readonly urlPrefix?: string | undefined; readonly notUpdatedSince?: string | undefined },
    page: { readonly url: string; readonly updatedAt: string | null },
  ) => boolean,
) {
  return replacing(
    inner,
    async (mutation) => {
      if (mutation.kind !== 'deletePages' || mutation.filter === undefined) return [mutation];
      const { filter, version } = mutation;
      const pages = await inner.catalog.pages(version);
      return pages
        .filter((page) => matches(filter, page))
        .map(({ id }) => ({ kind: 'deletePage', page: { pageId: id } }) as const);
    },
    (mutation, results) => {
      if (mutation.kind !== 'deletePages' || mutation.filter === undefined) return last(mutation, results);
      const count = (key: 'pagesDeleted' | 'chunksDeleted') =>
        results.reduce((sum, result) => sum + (key in result ? Number(Reflect.get(result, key)) : 0), 0);
      return {
        kind: 'deletePages',
        pagesDeleted: count('pagesDeleted'),
        chunksDeleted: count('chunksDeleted'),
      };
    },
  );
}

/** Backends that delete too much or too little. */
export const deletionFaults = [
  fault('leaves-the-library-of-removed-versions', 'bulk-deletion/remove-library', (inner) =>
    replacing(
      inner,
      async (mutation) => {
        if (mutation.kind !== 'removeLibrary') return [mutation];
        const versions = await inner.catalog.versions(mutation.library);
        return versions.map(({ id }) => ({
          kind: 'removeVersion',
          version: { versionId: id },
          removeLibrary: false,
        }));
      },
      (mutation, results) =>
        mutation.kind === 'removeLibrary'
          ? {
              kind: 'removeLibrary',
              versionsDeleted: 2,
              pagesDeleted: 4,
              chunksDeleted: 6,
              libraryDeleted: true,
            }
          : last(mutation, results),
    ),
  ),
  fault('keeps-full-text-of-a-removed-library', 'bulk-deletion/remove-library', (inner) =>
    keepingFullText(inner, 'removeLibrary'),
  ),
  fault('keeps-full-text-of-a-cleared-store', 'bulk-deletion/clear', (inner) =>
    keepingFullText(inner, 'clear'),
  ),
  fault('clears-the-profile-too', 'bulk-deletion/clear', (inner) => {
    let isCleared = false;
    return {
      ...replacing(
        inner,
        async (mutation) => {
          isCleared ||= mutation.kind === 'clear';
          return [mutation];
        },
        last,
      ),
      vectors: { profile: async (options) => (isCleared ? null : inner.vectors.profile(options)) },
    };
  }),
  fault('takes-a-url-prefix-for-a-pattern', 'bulk-deletion/pages-by-url-prefix', (inner) =>
    deletingPages(inner, ({ urlPrefix = '' }, { url }) =>
      new RegExp(`^${urlPrefix.replaceAll('%', '.*').replaceAll('_', '.')}`, 'i').test(url),
    ),
  ),
  fault('takes-an-unknown-time-for-old', 'bulk-deletion/pages-not-updated-since', (inner) =>
    deletingPages(
      inner,
      ({ urlPrefix = '', notUpdatedSince = '9' }, { url, updatedAt }) =>
        url.startsWith(urlPrefix) &&
        Math.floor(
          Date.parse(`${(updatedAt ?? '1970-01-01 00:00:00').replace(' ', 'T').replace('Z', '')}Z`) / 1000,
        ) < Math.floor(Date.parse(`${notUpdatedSince.replace(' ', 'T').replace('Z', '')}Z`) / 1000),
    ),
  ),
  fault('deletes-all-pages-for-an-empty-filter', 'bulk-deletion/bad-filters', (inner) =>
    replacing(
      inner,
      async (mutation) =>
        mutation.kind === 'deletePages' && mutation.filter !== undefined && mutation.filter !== null
          ? [{ ...mutation, filter: Object.keys(mutation.filter).length === 0 ? undefined : mutation.filter }]
          : [mutation],
      last,
    ),
  ),
  fault('commits-each-deletion', 'bulk-deletion/in-a-list', (inner) =>
    replacing(inner, async (mutation) => [mutation], last),
  ),
];
