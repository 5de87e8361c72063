import type { StorageBackend } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import type { Relatives, RelativesRequest } from '../ports/catalog.js';
import { lastKey } from '../runtime/key-order.js';
import type { LibraryId, VersionId } from '../values/ids.js';
import type { LibraryRecord, PageRecord, VersionRecord, VersionStatus } from '../values/records.js';
import { summarize } from './overview.js';
import { toChunk, toChunkId } from './to-chunk.js';
import type { Chunk, LibrarySummary, StoredScraperOptions } from './types.js';

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
  async chunk(id: string, options?: CallOptions): Promise<Chunk | null> {
    return (await this.chunks([id], options))[0] ?? null;
  }

  /**
   * Returns the chunks with the given ids in sort order. Unknown ids are skipped.
   *
   * @example
   * ```ts
   * const hits = await store.search('fastify', '5.0', 'routes');
   * const chunks = await store.chunks(hits.map(({ id }) => id));
   * ```
   */
  async chunks(ids: readonly string[], options?: CallOptions): Promise<Chunk[]> {
    const known = ids.map(toChunkId).filter((id) => id !== null);
    return (await this.backend.catalog.chunks(known, options)).map(toChunk);
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
   * Returns the nearest earlier chunk of the page whose path is one shorter; null without one.
   *
   * @example
   * ```ts
   * const parent = await store.parentOf(chunkId);
   * console.log(parent?.content);
   * ```
   */
  async parentOf(chunkId: string, options?: CallOptions): Promise<Chunk | null> {
    const parent = (await this.#relatives(chunkId, { parent: true }, options))?.parent ?? null;
    return parent === null ? null : toChunk(parent);
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
  async childrenOf(chunkId: string, limit: number, options?: CallOptions): Promise<Chunk[]> {
    return ((await this.#relatives(chunkId, { children: limit }, options))?.children ?? []).map(toChunk);
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
  async precedingSiblings(chunkId: string, limit: number, options?: CallOptions): Promise<Chunk[]> {
    const relatives = await this.#relatives(chunkId, { precedingSiblings: limit }, options);
    return (relatives?.precedingSiblings ?? []).map(toChunk);
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
  async subsequentSiblings(chunkId: string, limit: number, options?: CallOptions): Promise<Chunk[]> {
    const relatives = await this.#relatives(chunkId, { subsequentSiblings: limit }, options);
    return (relatives?.subsequentSiblings ?? []).map(toChunk);
  }

  async #relatives(
    id: string,
    request: Omit<RelativesRequest, 'chunkId'>,
    options: CallOptions | undefined,
  ): Promise<Relatives | null> {
    const chunkId = toChunkId(id);
    return chunkId === null ? null : this.backend.catalog.relatives({ chunkId, ...request }, options);
  }
}
