import type {
  CallOptions,
  ChunkId,
  ChunkRecord,
  StorageBackend,
  VersionOverview,
  VersionRecord,
  VersionRef,
} from '@switchyard/storage-core';
import type { CallRunner, Catalog, Relatives } from '@switchyard/storage-core/backend';
import type { ReadPlan } from '../machine/read-side.js';
import type { Locator } from './locate.js';
import type { ReadRouter } from './read-router.js';
import type { Stores } from './stores.js';

/** Dependencies of {@link routedCatalog}. */
export interface RoutedCatalogContext {
  readonly stores: Stores;
  readonly run: CallRunner;
  readonly locator: Locator;
  readonly router: ReadRouter;
}

/** Catalog of two stores: each library is read from the side that holds it. */
export function routedCatalog({ stores, run, locator, router }: RoutedCatalogContext): Catalog {
  /** Reads from the side of one library, which is only looked for while libraries are at different sides. */
  const readOne = <T>(
    options: CallOptions | undefined,
    library: () => Promise<string | null>,
    read: (catalog: Catalog) => Promise<T>,
  ): Promise<T> =>
    run(options, async () => {
      const side = await router.sideOfAll();
      if (side !== null) return read(stores[side].catalog);
      const plan = await router.planOf(await library(), options);
      return router.read(plan, options, (one) => read(stores[one].catalog));
    });
  /** Reads rows of both sides and keeps those of the side that holds their library. */
  const readAll = <T>(
    options: CallOptions | undefined,
    read: (catalog: Catalog) => Promise<readonly T[]>,
    libraryOf: (row: T) => Promise<string | null> | string,
    compare: (a: T, b: T) => number,
  ): Promise<readonly T[]> =>
    run(options, async () => {
      const side = await router.sideOfAll();
      if (side !== null) return read(stores[side].catalog);
      const rows = await router.readBoth(options, (one) => read(stores[one].catalog), libraryOf);
      return rows.sort(compare);
    });
  return {
    libraries: (options) =>
      readAll(
        options,
        (catalog) => catalog.libraries(options),
        ({ name }) => name,
        byName,
      ),
    library: (ref, options) =>
      readOne(
        options,
        () => locator.ofLibrary(ref, options),
        (catalog) => catalog.library(ref, options),
      ),
    version: (ref, options) =>
      readOne(
        options,
        () => locator.ofVersion(ref, options),
        (catalog) => catalog.version(ref, options),
      ),
    versions: (ref, options) =>
      readOne(
        options,
        () => locator.ofLibrary(ref, options),
        (catalog) => catalog.versions(ref, options),
      ),
    versionsByStatus: (statuses, options) =>
      readAll(options, (catalog) => catalog.versionsByStatus(statuses, options), libraryOfVersion, byNames),
    versionsBySourceUrl: (url, options) =>
      readAll(options, (catalog) => catalog.versionsBySourceUrl(url, options), libraryOfVersion, newestFirst),
    overview: (options) =>
      readAll(
        options,
        (catalog) => catalog.overview(options),
        ({ version }: VersionOverview) => version.library,
        (a, b) => byNames(a.version, b.version),
      ),
    hasChunks: (ref, options) =>
      readOne(
        options,
        () => locator.ofVersion(ref, options),
        (catalog) => catalog.hasChunks(ref, options),
      ),
    pages: (ref, options) =>
      readOne(
        options,
        () => locator.ofVersion(ref, options),
        (catalog) => catalog.pages(ref, options),
      ),
    page: (ref, options) =>
      readOne(
        options,
        () => locator.ofPage(ref, options),
        (catalog) => catalog.page(ref, options),
      ),
    chunks: (ids, version, options) =>
      readAll(
        options,
        (catalog) => catalog.chunks(ids, version, options),
        ({ versionId }: ChunkRecord) => locator.ofVersion({ versionId }, options),
        inPageOrder,
      ),
    chunksByUrl: (ref, url, options) =>
      readOne(
        options,
        () => locator.ofVersion(ref, options),
        (catalog) => catalog.chunksByUrl(ref, url, options),
      ),
    relatives: (request, options) =>
      run(options, async () => {
        const side = await router.sideOfAll();
        if (side !== null) return stores[side].catalog.relatives(request, options);
        // All relatives of a chunk are on its page, so each chunk is answered by one side.
        const { version } = request;
        const planned = new Map<string, { readonly plan: ReadPlan; readonly ids: ChunkId[] }>();
        for (const id of request.chunkIds) {
          const library = await (version === undefined
            ? locator.ofChunk(id, options)
            : locator.ofVersion(version, options));
          const plan = await router.planOf(library, options);
          const group = planned.get(`${plan.side} ${plan.fallback}`) ?? { plan, ids: [] };
          group.ids.push(id);
          planned.set(`${plan.side} ${plan.fallback}`, group);
        }
        const found = new Map<ChunkId, Relatives | null>();
        for (const { plan, ids: chunkIds } of planned.values()) {
          const rows = await router.read(plan, options, (one) =>
            stores[one].catalog.relatives({ ...request, chunkIds }, options),
          );
          for (const [index, id] of chunkIds.entries()) found.set(id, rows[index] ?? null);
        }
        return request.chunkIds.map((id) => found.get(id) ?? null);
      }),
    snapshot: (request, options) =>
      readOne(
        options,
        () => locator.ofVersion(request.version, options),
        (catalog) => catalog.snapshot(request, options),
      ),
  };
}

/** Reads from the store that answers for a version. */
export async function readVersion<T>(
  { stores, locator, router }: Omit<RoutedCatalogContext, 'run'>,
  version: VersionRef,
  options: CallOptions | undefined,
  read: (store: StorageBackend) => Promise<T>,
): Promise<T> {
  const all = await router.sideOfAll();
  if (all !== null) return read(stores[all]);
  const plan = await router.planOf(await locator.ofVersion(version, options), options);
  return router.read(plan, options, (side) => read(stores[side]));
}

function libraryOfVersion({ library }: VersionRecord): string {
  return library;
}

/** Orders texts by code points, as the ports do. */
function byText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return byText(a.name, b.name);
}

function byNames(a: VersionRecord, b: VersionRecord): number {
  return byText(a.library, b.library) || byText(a.name, b.name);
}

function newestFirst(a: VersionRecord, b: VersionRecord): number {
  return byText(b.createdAt ?? '', a.createdAt ?? '') || b.id - a.id;
}

function inPageOrder(a: ChunkRecord, b: ChunkRecord): number {
  return a.sortOrder - b.sortOrder || a.id - b.id;
}
