import type { ChunkRecord, StorageBackend } from '@switchyard/storage-core';
import type { Catalog, Relatives, RelativesRequest } from '@switchyard/storage-core/backend';
import { type Fault, fault } from './fault.js';

/** Defines a fault in the relatives that each chunk has. */
function relativesFault(
  name: string,
  caughtBy: string,
  change: (
    found: Relatives,
    request: RelativesRequest,
    catalog: Catalog,
  ) => Relatives | null | Promise<Relatives>,
): Fault {
  return fault(name, caughtBy, ({ catalog }: StorageBackend) => ({
    catalog: {
      relatives: async (request, options) =>
        Promise.all(
          (await catalog.relatives(request, options)).map(
            (found) => found && change(found, request, catalog),
          ),
        ),
    },
  }));
}

/** Returns all chunks of the page of a chunk, in page order. */
function pageOf(catalog: Catalog, { versionId, url }: ChunkRecord): Promise<readonly ChunkRecord[]> {
  return catalog.chunksByUrl({ versionId }, url);
}

/** Backends that take the wrong chunks for relatives. */
export const relativesFaults = [
  relativesFault(
    'takes-grandchildren-for-children',
    'relatives/children',
    async (found, request, catalog) => {
      const { metadata, sortOrder } = found.chunk;
      const below = (await pageOf(catalog, found.chunk)).filter(
        (other) =>
          other.sortOrder > sortOrder &&
          other.metadata.path.length > metadata.path.length &&
          metadata.path.every((heading, i) => other.metadata.path[i] === heading),
      );
      return { ...found, children: below.slice(0, request.children ?? 0) };
    },
  ),
  relativesFault(
    'gives-the-preamble-as-a-parent',
    'relatives/no-parent-of-short-paths',
    async (found, request, catalog) => {
      if (request.parent !== true || found.chunk.metadata.path.length !== 1) return found;
      const page = await pageOf(catalog, found.chunk);
      const above = page.filter(
        ({ metadata, sortOrder }) => metadata.path.length === 0 && sortOrder < found.chunk.sortOrder,
      );
      return { ...found, parent: above.at(-1) ?? null };
    },
  ),
  relativesFault('gives-the-farthest-siblings', 'relatives/limits', async (found, request, catalog) => {
    const limit = request.precedingSiblings ?? 0;
    const [all] = await catalog.relatives({ chunkIds: [found.chunk.id], precedingSiblings: 999 });
    return { ...found, precedingSiblings: all?.precedingSiblings.slice(0, limit) ?? [] };
  }),
  fault('shares-relatives-among-chunks', 'relatives/many-of-one-page', ({ catalog }) => ({
    catalog: {
      // Each chunk of the page is given to the first that asks for it.
      relatives: async (request, options) => {
        const given = new Set<number>();
        const take = (chunks: readonly ChunkRecord[]) =>
          chunks.filter(({ id }) => !given.has(id) && given.add(id));
        return (await catalog.relatives(request, options)).map(
          (found) =>
            found && {
              ...found,
              children: take(found.children),
              precedingSiblings: take(found.precedingSiblings),
              subsequentSiblings: take(found.subsequentSiblings),
            },
        );
      },
    },
  })),
  fault('orders-relatives-by-id', 'relatives/many-as-single', ({ catalog }) => ({
    catalog: {
      relatives: async (request, options) =>
        [...(await catalog.relatives(request, options))].sort(
          (a, b) => (a?.chunk.id ?? 0) - (b?.chunk.id ?? 0),
        ),
    },
  })),
  fault('skips-unknown-ids', 'relatives/many-unknown-and-repeated', ({ catalog }) => ({
    catalog: {
      relatives: async (request, options) =>
        (await catalog.relatives(request, options)).filter((found) => found !== null),
    },
  })),
  fault('forgets-the-version-of-relatives', 'relatives/many-in-version', ({ catalog }) => ({
    catalog: {
      relatives: ({ version: _, ...request }, options) => catalog.relatives(request, options),
    },
  })),
  fault('returns-whole-pages-as-context', 'candidates/context', (inner) => ({
    candidates: async (request, options) => {
      if (inner.candidates === undefined) throw new Error('The reference backend has candidates().');
      const context = request.context && { ...request.context, subsequentSiblings: 999 };
      return inner.candidates({ ...request, context }, options);
    },
  })),
  fault('forgets-the-version-of-chunks', 'relatives/chunks-in-version', ({ catalog }) => ({
    catalog: {
      chunks: (ids, _, options) => catalog.chunks(ids, undefined, options),
    },
  })),
];
