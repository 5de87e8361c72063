import type {
  CallOptions,
  ChunkRecord,
  StorageBackend,
  VersionOverview,
  VersionRecord,
} from '@switchyard/storage-core';
import type { CallRunner, Catalog } from '@switchyard/storage-core/backend';
import { type Side, sides } from '../machine/sides.js';
import { rankOf, type Stage } from '../machine/stages.js';
import type { Locator } from './locate.js';
import type { Stores } from './stores.js';

/** Decides which side answers. */
export interface ReadRouter {
  /** Returns the side that answers everything; null while libraries are at different sides. */
  sideOfAll(options?: CallOptions): Promise<Side | null>;
  /** Returns the side that answers for a library; null stands for one that does not exist. */
  sideOf(library: string | null, options?: CallOptions): Promise<Side>;
}

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
      const side = (await router.sideOfAll(options)) ?? (await router.sideOf(await library(), options));
      return read(stores[side].catalog);
    });
  /** Reads rows of both sides and keeps those of the side that holds their library. */
  const readAll = <T>(
    options: CallOptions | undefined,
    read: (catalog: Catalog) => Promise<readonly T[]>,
    libraryOf: (row: T) => Promise<string | null> | string,
    compare: (a: T, b: T) => number,
  ): Promise<readonly T[]> =>
    run(options, async () => {
      const side = await router.sideOfAll(options);
      if (side !== null) return read(stores[side].catalog);
      const kept: T[] = [];
      for (const one of sides) {
        for (const row of await read(stores[one].catalog)) {
          if ((await router.sideOf(await libraryOf(row), options)) === one) kept.push(row);
        }
      }
      return kept.sort(compare);
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
        const side = await router.sideOfAll(options);
        if (side !== null) return stores[side].catalog.relatives(request, options);
        // All relatives of a chunk are on its page, so each chunk is answered by one side.
        const [old, other] = await Promise.all(
          sides.map((one) => stores[one].catalog.relatives(request, options)),
        );
        return Promise.all(
          request.chunkIds.map(async (id, index) => {
            const holder = await router.sideOf(await locator.ofChunk(id, options), options);
            return (holder === 'old' ? old : other)?.[index] ?? null;
          }),
        );
      }),
    snapshot: (request, options) =>
      readOne(
        options,
        () => locator.ofVersion(request.version, options),
        (catalog) => catalog.snapshot(request, options),
      ),
  };
}

/** Returns the backend that answers for a version. */
export async function storeOfVersion(
  { stores, locator, router }: Omit<RoutedCatalogContext, 'run'>,
  version: Parameters<Locator['ofVersion']>[0],
  options?: CallOptions,
): Promise<StorageBackend> {
  const all = await router.sideOfAll(options);
  return stores[all ?? (await router.sideOf(await locator.ofVersion(version, options), options))];
}

/** Side that answers every read in a stage; null in `live`, where it depends on the library. */
export function sideOfStage(stage: Stage): Side | null {
  if (stage === 'live') return null;
  return rankOf(stage) < rankOf('live') ? 'old' : 'new';
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
