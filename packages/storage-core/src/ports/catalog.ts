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

/** Requested relatives of a chunk. Numbers are limits, integers from 0; 0, the default, requests none. */
export interface RelativesRequest {
  /** Chunk whose relatives are requested. */
  readonly chunkId: ChunkId;
  /** Requests the parent. Default false. */
  readonly parent?: boolean | undefined;
  /** Maximum number of children. Default 0. */
  readonly children?: number | undefined;
  /** Maximum number of preceding siblings. Default 0. */
  readonly precedingSiblings?: number | undefined;
  /** Maximum number of subsequent siblings. Default 0. */
  readonly subsequentSiblings?: number | undefined;
}

/** The relatives of a chunk on its page, each list in page order. */
export interface Relatives {
  /** Nearest earlier chunk whose path is one shorter; null without one, or when it was not requested. */
  readonly parent: ChunkRecord | null;
  /** Children in page order. */
  readonly children: readonly ChunkRecord[];
  /** Nearest earlier chunks with the same path, in page order. */
  readonly precedingSiblings: readonly ChunkRecord[];
  /** Nearest later chunks with the same path, in page order. */
  readonly subsequentSiblings: readonly ChunkRecord[];
}

/** A part of the pages of a version, in the order of their ids. */
export interface PageRange {
  /** The last page id already seen; 0 or absent to begin. */
  readonly after?: PageId | undefined;
  /** Maximum number of pages, from 1. Absent: all. */
  readonly limit?: number | undefined;
}

/** Asks for the next pages of a version, whole. */
export interface SnapshotRequest {
  /** Version to read. */
  readonly version: VersionRef;
  /** The last page id already seen; 0 or absent to begin. */
  readonly after?: PageId | undefined;
  /** Maximum number of pages, from 1: with 0 a copy would never end, so it is a TypeError. */
  readonly limit: number;
}

/**
 * Reads. What does not exist is `null` or an empty list, never an error. Lists are complete unless a limit is part of
 * the request. Names are ordered by their Unicode code points, not by the rules of a language.
 */
export interface Catalog {
  /** All libraries, by name. */
  libraries(options?: CallOptions): Promise<readonly LibraryRecord[]>;
  /** Returns a library, or null when it does not exist. */
  library(ref: LibraryRef, options?: CallOptions): Promise<LibraryRecord | null>;
  /** Returns a version, or null when it does not exist. */
  version(ref: VersionRef, options?: CallOptions): Promise<VersionRecord | null>;
  /** The versions of a library, by name; the unversioned one first. */
  versions(library: LibraryRef, options?: CallOptions): Promise<readonly VersionRecord[]>;
  /** Versions in any of these states, by library name and version name. */
  versionsByStatus(
    statuses: readonly VersionStatus[],
    options?: CallOptions,
  ): Promise<readonly VersionRecord[]>;
  /** Versions that came from this URL, newest first: by creation, then by id. */
  versionsBySourceUrl(sourceUrl: string, options?: CallOptions): Promise<readonly VersionRecord[]>;
  /** All versions of all libraries with what is indexed of each, by library name and version name. */
  overview(options?: CallOptions): Promise<readonly VersionOverview[]>;
  /** Returns true when a version has at least one chunk. */
  hasChunks(version: VersionRef, options?: CallOptions): Promise<boolean>;
  /** The pages of a version, by id: all of them, or those in the range. */
  pages(version: VersionRef & PageRange, options?: CallOptions): Promise<readonly PageRecord[]>;
  /** Returns a page, or null when it does not exist. */
  page(ref: PageRef, options?: CallOptions): Promise<PageRecord | null>;
  /** The chunks with these ids that exist, each once, by sort order, then by id. */
  chunks(ids: readonly ChunkId[], options?: CallOptions): Promise<readonly ChunkRecord[]>;
  /** The chunks of the page with this URL, by sort order, then by id. */
  chunksByUrl(version: VersionRef, url: string, options?: CallOptions): Promise<readonly ChunkRecord[]>;
  /** Relatives of a chunk on its page; null when there is no such chunk. */
  relatives(request: RelativesRequest, options?: CallOptions): Promise<Relatives | null>;
  /** The next pages of a version with their chunks and vectors, by page id. */
  snapshot(request: SnapshotRequest, options?: CallOptions): Promise<readonly PageSnapshot[]>;
}
