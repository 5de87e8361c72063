import type { ChunkId, LibraryRef, PageId, PageRef, VersionRef } from '../values/ids.js';
import type {
  ChunkRecord,
  LibraryRecord,
  PageRecord,
  PageSnapshot,
  VersionOverview,
  VersionRecord,
  VersionStatus,
} from '../values/records.js';
import type { CallOptions } from './call-options.js';

/**
 * Relatives to read with each chunk. Numbers are limits, integers from 0; 0, the default, requests none.
 *
 * @example
 * ```ts
 * const context: ContextOptions = { parent: true, children: 5, precedingSiblings: 2, subsequentSiblings: 2 };
 * const hits = await store.search('fastify', '5.0', 'routes', { context });
 * ```
 */
export interface ContextOptions {
  /** Requests the parent. Default false. */
  readonly parent?: boolean | undefined;
  /** Maximum number of children. Default 0. */
  readonly children?: number | undefined;
  /** Maximum number of preceding siblings. Default 0. */
  readonly precedingSiblings?: number | undefined;
  /** Maximum number of subsequent siblings. Default 0. */
  readonly subsequentSiblings?: number | undefined;
}

/** Request for the relatives of any number of chunks. */
export interface RelativesRequest extends ContextOptions {
  /** Chunks whose relatives are requested. */
  readonly chunkIds: readonly ChunkId[];
  /** Version that the chunks must belong to; those of others count as unknown. Default: any version. */
  readonly version?: VersionRef | undefined;
}

/** A chunk with its relatives on its page, each list in page order. */
export interface Relatives {
  /** Chunk whose relatives these are. */
  readonly chunk: ChunkRecord;
  /**
   * Nearest earlier chunk with the path of the chunk without its last element; null if there is none, if the path has
   * fewer than two elements, or if it was not requested.
   */
  readonly parent: ChunkRecord | null;
  /** Children in page order. */
  readonly children: readonly ChunkRecord[];
  /** Nearest earlier chunks with the same path, in page order. */
  readonly precedingSiblings: readonly ChunkRecord[];
  /** Nearest later chunks with the same path, in page order. */
  readonly subsequentSiblings: readonly ChunkRecord[];
}

/** A range of the pages of a version, by id. */
export interface PageRange {
  /** Last page id already seen; 0 or absent to start at the beginning. */
  readonly after?: PageId | undefined;
  /** Maximum number of pages, from 1. Default: all. */
  readonly limit?: number | undefined;
}

/** Request for the next complete pages of a version. */
export interface SnapshotRequest {
  /** Version to read. */
  readonly version: VersionRef;
  /** Last page id already seen; 0 or absent to start at the beginning. */
  readonly after?: PageId | undefined;
  /** Maximum number of pages, from 1; 0 is a TypeError, because a copy would never end. */
  readonly limit: number;
}

/**
 * Reads the catalog. Missing rows are `null` or an empty list, never an error. Lists are complete unless the request
 * has a limit. Names are ordered by Unicode code point, not by locale.
 */
export interface Catalog {
  /** Returns all libraries, by name. */
  libraries(options?: CallOptions): Promise<readonly LibraryRecord[]>;
  /** Returns a library, or null if it does not exist. */
  library(ref: LibraryRef, options?: CallOptions): Promise<LibraryRecord | null>;
  /** Returns a version, or null if it does not exist. */
  version(ref: VersionRef, options?: CallOptions): Promise<VersionRecord | null>;
  /** Returns the versions of a library by name, the unversioned one first. */
  versions(library: LibraryRef, options?: CallOptions): Promise<readonly VersionRecord[]>;
  /** Returns versions with any of these statuses, by library name and version name. */
  versionsByStatus(
    statuses: readonly VersionStatus[],
    options?: CallOptions,
  ): Promise<readonly VersionRecord[]>;
  /** Returns versions with this source URL, newest first: by creation, then by id. */
  versionsBySourceUrl(sourceUrl: string, options?: CallOptions): Promise<readonly VersionRecord[]>;
  /** Returns all versions of all libraries with the size of their content, by library name and version name. */
  overview(options?: CallOptions): Promise<readonly VersionOverview[]>;
  /** Returns true if a version has at least one chunk. */
  hasChunks(version: VersionRef, options?: CallOptions): Promise<boolean>;
  /** Returns the pages of a version by id, or those in the range. */
  pages(version: VersionRef & PageRange, options?: CallOptions): Promise<readonly PageRecord[]>;
  /** Returns a page, or null if it does not exist. */
  page(ref: PageRef, options?: CallOptions): Promise<PageRecord | null>;
  /**
   * Returns the existing chunks with these ids, each once, by sort order, then by id.
   *
   * @param version Version that the chunks must belong to; those of others are skipped. Default: any version.
   */
  chunks(
    ids: readonly ChunkId[],
    version?: VersionRef,
    options?: CallOptions,
  ): Promise<readonly ChunkRecord[]>;
  /** Returns the chunks of the page with this URL, by sort order, then by id. */
  chunksByUrl(version: VersionRef, url: string, options?: CallOptions): Promise<readonly ChunkRecord[]>;
  /**
   * Returns the relatives of each chunk on its page, in the order of the request; null in the place of a chunk that does
   * not exist. Reads a single state of the store, in one request on a server.
   */
  relatives(request: RelativesRequest, options?: CallOptions): Promise<readonly (Relatives | null)[]>;
  /** Returns the next pages of a version with their chunks and vectors, by page id. */
  snapshot(request: SnapshotRequest, options?: CallOptions): Promise<readonly PageSnapshot[]>;
}
