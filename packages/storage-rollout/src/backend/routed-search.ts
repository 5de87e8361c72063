import type { CallOptions, StorageBackend } from '@switchyard/storage-core';
import type { FtsIndex, VectorIndex } from '@switchyard/storage-core/backend';
import type { ReadComparer } from './read-comparer.js';
import { type RoutedCatalogContext, readVersion } from './routed-catalog.js';

/** Dependencies of {@link routedSearch}. */
export interface RoutedSearchContext {
  readonly context: Pick<RoutedCatalogContext, 'stores' | 'locator' | 'router'>;
  readonly comparer: ReadComparer;
  /** Reads what concerns the whole store. */
  readonly whole: <T>(
    options: CallOptions | undefined,
    read: (store: StorageBackend) => Promise<T>,
  ) => Promise<T>;
  /** Returns the store that stands for both. */
  readonly main: () => Promise<StorageBackend>;
  /** Runs a call of the backend. */
  readonly run: <T>(options: CallOptions | undefined, work: () => Promise<T>) => Promise<T>;
  readonly reconcile: VectorIndex['reconcile'];
}

/** Searches the side that answers for a version, and passes each search on to be compared. */
export function routedSearch({ context, comparer, whole, main, run, reconcile }: RoutedSearchContext): {
  readonly vectors: VectorIndex;
  readonly fts: FtsIndex;
} {
  const { router, stores } = context;
  const vectors: VectorIndex = {
    profile: (o) => run(o, () => whole(o, ({ vectors }) => vectors.profile(o))),
    reconcile: (profile, policy, o) => run(o, () => reconcile(profile, policy, o)),
    nearest: (query, o) =>
      run(o, async () => {
        const hits = await readVersion(context, query.version, o, ({ vectors }) => vectors.nearest(query, o));
        comparer.vector(query);
        return hits;
      }),
    hasAny: (query, o) =>
      run(o, async () => {
        const side = await router.sideOfAll();
        if (side !== null) return stores[side].vectors.hasAny(query, o);
        for (const version of query.versions) {
          const one = { ...query, versions: [version] };
          if (await readVersion(context, version, o, ({ vectors }) => vectors.hasAny(one, o))) return true;
        }
        return false;
      }),
    stats: (o) => run(o, async () => (await main()).vectors.stats(o)),
    rebuild: (o) => run(o, async () => (await main()).vectors.rebuild(o)),
    audit: (o) => run(o, async () => (await main()).vectors.audit(o)),
  };
  const fts: FtsIndex = {
    match: (query, o) =>
      run(o, async () => {
        const hits = await readVersion(context, query.version, o, ({ fts }) => fts.match(query, o));
        comparer.fts(query);
        return hits;
      }),
    rebuild: (o) => run(o, async () => (await main()).fts.rebuild(o)),
    audit: (o) => run(o, async () => (await main()).fts.audit(o)),
  };
  return { vectors, fts };
}
