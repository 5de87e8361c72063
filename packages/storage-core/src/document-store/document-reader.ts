import type { StorageBackend } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import type { ContextOptions } from '../ports/catalog.js';
import { lastKey } from '../runtime/key-order.js';
import { checkContext } from '../runtime/validate.js';
import type { LibraryId, VersionId } from '../values/ids.js';
import type { LibraryRecord, PageRecord, VersionRecord, VersionStatus } from '../values/records.js';
import { toScope } from './check-chunk-options.js';
import { summarize } from './overview.js';
import { toChunk, toChunkId, toContext } from './to-chunk.js';
import type { Chunk, ChunkContext, ChunkReadOptions, LibrarySummary, StoredScraperOptions } from './types.js';

/** Number of pages per read, so that listing tens of thousands does not block the event loop. */
const PAGES_PER_READ = 1000;

/** Read methods of `DocumentStore`: libraries, versions, pages, chunks and their relatives. */
export abstract class DocumentReader {
  /** The backend that the store was opened with. */
  readonly backend: StorageBackend;

  /** Called by `DocumentStore.open()`. */
  protected constructor(backend: StorageBackend) {
    this.backend = backend;
  }

  /**
   * Returns the source URL of a version and the options it was fetched with; null if no source URL is stored.
   *
   * @example
   * ```ts
   * const stored = await store.scraperOptions(versionId);
   * console.log(stored?.sourceUrl);
   * ```
   */
  async scraperOptions(versionId: VersionId, options?: CallOptions): Promise<StoredScraperOptions | null> {
    const version = await this.versionById(versionId, options);
    if (version === null || version.sourceUrl === null) return null;
    return { sourceUrl: version.sourceUrl, options: version.scraperOptions ?? {} };
  }

  /**
   * Returns all libraries, sorted by name.
   *
   * @example
   * ```ts
   * const names = (await store.libraries()).map(({ name }) => name);
   * ```
   */
  libraries(options?: CallOptions): Promise<readonly LibraryRecord[]> {
    return this.backend.catalog.libraries(options);
  }

  /**
   * Returns a library by its name in any case, or null if it does not exist.
   *
   * @example
   * ```ts
   * const library = await store.library('Fastify');
   * if (library === null) throw new Error('Index it first.');
   * ```
   */
  library(library: string, options?: CallOptions): Promise<LibraryRecord | null> {
    return this.backend.catalog.library({ library }, options);
  }

  /** Returns a library by its id, or null if it does not exist. */
  libraryById(libraryId: LibraryId, options?: CallOptions): Promise<LibraryRecord | null> {
    return this.backend.catalog.library({ libraryId }, options);
  }

  /**
   * Returns a version by its names in any case, or null if it does not exist.
   *
   * @example
   * ```ts
   * const version = await store.version('fastify', '5.0');
   * console.log(version?.status); // such as 'completed'
   * ```
   */
  version(library: string, version: string, options?: CallOptions): Promise<VersionRecord | null> {
    return this.backend.catalog.version({ library, version }, options);
  }

  /** Returns a version by its id, or null if it does not exist. */
  versionById(versionId: VersionId, options?: CallOptions): Promise<VersionRecord | null> {
    return this.backend.catalog.version({ versionId }, options);
  }

  /**
   * Returns the versions of a library, sorted by name; none for an unknown library.
   *
   * @example
   * ```ts
   * const versions = await store.versions('fastify');
   * const newestFirst = versions.toSorted((a, b) => compareVersionsNewestFirst(a.name, b.name));
   * ```
   */
  versions(library: string, options?: CallOptions): Promise<readonly VersionRecord[]> {
    return this.backend.catalog.versions({ library }, options);
  }

  /**
   * Returns all versions that have one of the given statuses.
   *
   * @example
   * ```ts
   * const pending = await store.versionsByStatus(['queued', 'running']);
   * for (const { library, name } of pending) console.log(`${library}@${name}`);
   * ```
   */
  versionsByStatus(
    statuses: readonly VersionStatus[],
    options?: CallOptions,
  ): Promise<readonly VersionRecord[]> {
    return this.backend.catalog.versionsByStatus(statuses, options);
  }

  /**
   * Returns the versions that were indexed from a URL, newest first.
   *
   * @example
   * ```ts
   * const [latest] = await store.versionsBySourceUrl('https://fastify.dev/docs');
   * ```
   */
  versionsBySourceUrl(sourceUrl: string, options?: CallOptions): Promise<readonly VersionRecord[]> {
    return this.backend.catalog.versionsBySourceUrl(sourceUrl, options);
  }

  /**
   * Returns all libraries and versions with status, progress and size.
   *
   * @example
   * ```ts
   * for (const { name, versions } of await store.overview()) {
   *   for (const version of versions) console.log(name, version.name, version.chunks);
   * }
   * ```
   */
  async overview(options?: CallOptions): Promise<LibrarySummary[]> {
    return summarize(await this.backend.catalog.overview(options));
  }

  /**
   * Returns true if the version exists and has at least one chunk.
   *
   * @example
   * ```ts
   * if (!(await store.hasChunks('fastify', '5.0'))) console.log('Nothing is indexed yet.');
   * ```
   */
  hasChunks(library: string, version: string, options?: CallOptions): Promise<boolean> {
    return this.backend.catalog.hasChunks({ library, version }, options);
  }

  /**
   * Returns the pages of a version, sorted by id.
   *
   * @example
   * ```ts
   * for (const { url, etag } of await store.pages(versionId)) console.log(url, etag);
   * ```
   */
  async pages(versionId: VersionId, options?: CallOptions): Promise<readonly PageRecord[]> {
    const pages: PageRecord[] = [];
    for (let after = 0; ; ) {
      const part = await this.backend.catalog.pages({ versionId, after, limit: PAGES_PER_READ }, options);
      const last = lastKey(
        part.map(({ id }) => id),
        after,
        'pages',
      );
      for (const page of part) pages.push(page);
      if (part.length < PAGES_PER_READ) return pages;
      after = last ?? after;
    }
  }

  /**
   * Returns a chunk by its id, or null if it does not exist.
   *
   * @example
   * ```ts
   * const [hit] = await store.search('fastify', '5.0', 'routes');
   * const chunk = hit === undefined ? null : await store.chunk(hit.id);
   * ```
   */
  async chunk(id: string, options?: ChunkReadOptions): Promise<Chunk | null> {
    return (await this.chunks([id], options))[0] ?? null;
  }

  /**
   * Returns the chunks with the given ids in sort order. Unknown ids are skipped, and so are chunks of other versions if
   * the options name one.
   *
   * @example
   * ```ts
   * const hits = await store.search('fastify', '5.0', 'routes');
   * const ids = hits.map(({ id }) => id);
   * const chunks = await store.chunks(ids, { library: 'fastify', version: '5.0' });
   * ```
   */
  async chunks(ids: readonly string[], options?: ChunkReadOptions): Promise<Chunk[]> {
    const scope = toScope(options);
    const known = ids.map(toChunkId).filter((id) => id !== null);
    return (await this.backend.catalog.chunks(known, scope, options)).map(toChunk);
  }

  /**
   * Returns the chunks of a page in sort order; none for an unknown page.
   *
   * @example
   * ```ts
   * const chunks = await store.chunksByUrl('fastify', '5.0', 'https://fastify.dev/docs/routes');
   * const text = chunks.map(({ content }) => content).join('\n\n');
   * ```
   */
  async chunksByUrl(library: string, version: string, url: string, options?: CallOptions): Promise<Chunk[]> {
    return (await this.backend.catalog.chunksByUrl({ library, version }, url, options)).map(toChunk);
  }

  /**
   * Returns the requested relatives of each chunk, in the order of the ids; null in the place of an unknown one, and of
   * a chunk of another version if the options name one. One call of the backend, hence one request on a server.
   *
   * @example
   * ```ts
   * const [first] = await store.relatives([chunkId], { parent: true, children: 5, subsequentSiblings: 2 });
   * console.log(first?.parent?.content, first?.children.length);
   * ```
   */
  async relatives(
    ids: readonly string[],
    context: ContextOptions,
    options?: ChunkReadOptions,
  ): Promise<(ChunkContext | null)[]> {
    checkContext(context, 'context');
    const version = toScope(options);
    const parsed = ids.map(toChunkId);
    const chunkIds = [...new Set(parsed.filter((id) => id !== null))];
    if (chunkIds.length === 0) return parsed.map(() => null);
    const found = await this.backend.catalog.relatives({ ...context, chunkIds, version }, options);
    const byId = new Map(found.map((relatives) => [relatives?.chunk.id, relatives]));
    return parsed.map((id) => {
      const relatives = id === null ? null : (byId.get(id) ?? null);
      return relatives === null ? null : toContext(relatives);
    });
  }

  /**
   * Returns the nearest earlier chunk of the page with the path of the chunk without its last element; null without one,
   * and for a chunk whose path has fewer than two elements.
   *
   * @example
   * ```ts
   * const parent = await store.parentOf(chunkId);
   * console.log(parent?.content);
   * ```
   */
  async parentOf(chunkId: string, options?: ChunkReadOptions): Promise<Chunk | null> {
    return (await this.relatives([chunkId], { parent: true }, options))[0]?.parent ?? null;
  }

  /**
   * Returns later chunks of the page whose path is exactly one longer and begins with the chunk's, in page order.
   *
   * @param limit Maximum number of chunks; 0 returns none.
   *
   * @example
   * ```ts
   * const children = await store.childrenOf(chunkId, 5);
   * ```
   */
  childrenOf(chunkId: string, limit: number, options?: ChunkReadOptions): Promise<Chunk[]> {
    return this.#relativesIn('children', chunkId, limit, options);
  }

  /**
   * Returns the nearest earlier chunks of the page with the same path, in page order.
   *
   * @param limit Maximum number of chunks; 0 returns none.
   *
   * @example
   * ```ts
   * const [before] = await store.precedingSiblings(chunkId, 1);
   * ```
   */
  precedingSiblings(chunkId: string, limit: number, options?: ChunkReadOptions): Promise<Chunk[]> {
    return this.#relativesIn('precedingSiblings', chunkId, limit, options);
  }

  /**
   * Returns the nearest later chunks of the page with the same path, in page order.
   *
   * @param limit Maximum number of chunks; 0 returns none.
   *
   * @example
   * ```ts
   * const after = await store.subsequentSiblings(chunkId, 2);
   * ```
   */
  subsequentSiblings(chunkId: string, limit: number, options?: ChunkReadOptions): Promise<Chunk[]> {
    return this.#relativesIn('subsequentSiblings', chunkId, limit, options);
  }

  async #relativesIn(
    list: Exclude<keyof ChunkContext, 'parent'>,
    chunkId: string,
    limit: number,
    options: ChunkReadOptions | undefined,
  ): Promise<Chunk[]> {
    const [relatives] = await this.relatives([chunkId], { [list]: limit }, options);
    return [...(relatives?.[list] ?? [])];
  }
}
