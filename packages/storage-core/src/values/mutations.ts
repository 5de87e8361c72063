import type { ChunkId, LibraryId, LibraryRef, PageId, PageRef, VersionId, VersionRef } from './ids.js';
import type { JsonObject } from './json.js';
import type { PageFilter } from './page-filter.js';
import type { ChunkMetadata, LibraryRecord, Timestamp, VersionRecord, VersionStatus } from './records.js';

/**
 * A write as a value: plain and serializable. The same value can be applied, sent to another process, applied to two
 * backends, journaled and replayed.
 *
 * @example
 * ```ts
 * const mutations: Mutation[] = [
 *   { kind: 'resolveVersion', library: 'fastify', version: '5.0' },
 *   { kind: 'setVersionStatus', version: { library: 'fastify', version: '5.0' }, status: 'running' },
 * ];
 * await backend.apply(mutations);
 * ```
 */
export type Mutation =
  | ResolveVersion
  | PutLibrary
  | PutVersion
  | ReplacePage
  | DeletePage
  | DeletePages
  | RemoveVersion
  | RemoveLibrary
  | ClearStore
  | SetVersionStatus
  | SetVersionProgress
  | SetScraperOptions;

/** Returns the id of a version; creates it and its library if absent. */
export interface ResolveVersion {
  /** Discriminant of the union. */
  readonly kind: 'resolveVersion';
  /** Name of the library, in any case. Must not be empty. */
  readonly library: string;
  /** Name of the version, in any case; empty for the unversioned one. */
  readonly version: string;
  /** Ids for newly created rows. If the rows exist with other ids, the call fails with `STORAGE_CONSTRAINT`. */
  readonly ids?: { readonly libraryId: LibraryId; readonly versionId: VersionId } | undefined;
}

/**
 * Writes a library with every column as given, including id and timestamp, as a copy does for libraries without
 * versions. A library with the same id and name is overwritten; an id under another name, or a name under another id,
 * fails with `STORAGE_CONSTRAINT`.
 */
export interface PutLibrary {
  /** Discriminant of the union. */
  readonly kind: 'putLibrary';
  /** Library with every column. */
  readonly library: LibraryRecord;
}

/**
 * Writes a version and its library with every column as given, including ids and timestamps, as a copy does. Rows with
 * the same ids and names are overwritten; an id under another name, or a name under another id, fails with
 * `STORAGE_CONSTRAINT`.
 */
export interface PutVersion {
  /** Discriminant of the union. */
  readonly kind: 'putVersion';
  /** Library of the version with every column. */
  readonly library: LibraryRecord;
  /** Version with every column. */
  readonly version: VersionRecord;
}

/**
 * Replaces the chunks of a page with exactly these, in this order. The page row is inserted, or updated with its id
 * kept if the URL is known. Without chunks, the page becomes empty. A version given by names is created if absent; an
 * id that does not exist fails with `STORAGE_NOT_FOUND`. Idempotent.
 *
 * Fails with `STORAGE_CONSTRAINT` for an id that belongs to another page, or to a chunk of another page; for a page
 * that is known under another id; and if two chunks have the same id.
 */
export interface ReplacePage {
  /** Discriminant of the union. */
  readonly kind: 'replacePage';
  /** Version of the page; created if absent, if it is given by names. */
  readonly version: VersionRef;
  /** Columns of the page row. */
  readonly page: PageInput;
  /** All chunks of the page, in order. */
  readonly chunks: readonly ChunkInput[];
  /**
   * Model of the vectors: a store with vectors of another model rejects the page with `STORAGE_MODEL_CHANGED`. Not
   * checked if null or absent, or if the model of the store is unknown.
   */
  readonly model?: string | null | undefined;
}

/** Page row of a {@link ReplacePage}. Omitted columns are stored as null. */
export interface PageInput {
  /** Id assigned by another backend. Default: assigned by the store. */
  readonly id?: PageId | undefined;
  /** URL of the page, which identifies it within its version. Must not be empty. */
  readonly url: string;
  /** Title of the page. Default null. */
  readonly title?: string | null | undefined;
  /** HTTP `ETag` of the page. Default null. */
  readonly etag?: string | null | undefined;
  /** HTTP `Last-Modified` of the page. Default null. */
  readonly lastModified?: string | null | undefined;
  /** Content type of the chunks' text, such as `text/markdown`. Default null. */
  readonly contentType?: string | null | undefined;
  /** Content type of the page before it was converted to text. Default null. */
  readonly sourceContentType?: string | null | undefined;
  /** Number of links from the starting page. Default null. */
  readonly depth?: number | null | undefined;
  /** Time of creation. Default: now for a new page, unchanged for a known one. */
  readonly createdAt?: Timestamp | null | undefined;
  /** Time of the last change. Default: now. */
  readonly updatedAt?: Timestamp | null | undefined;
}

/** One chunk of a {@link ReplacePage}. */
export interface ChunkInput {
  /** Id assigned by another backend. Specify one for every chunk of the page, or for none. */
  readonly id?: ChunkId | undefined;
  /** Text of the chunk. */
  readonly content: string;
  /** Position of the chunk in the structure of its page. */
  readonly metadata: ChunkMetadata;
  /** Vector of the store's dimension, all components finite; null for a chunk that only full-text search finds. */
  readonly vector: Float32Array | null;
  /** Position in the page. Default: its index in the list. */
  readonly sortOrder?: number | undefined;
  /** Time of creation. Default: now. */
  readonly createdAt?: Timestamp | null | undefined;
}

/** Deletes a page with its chunks. Does nothing if the page does not exist. */
export interface DeletePage {
  /** Discriminant of the union. */
  readonly kind: 'deletePage';
  /** Page to delete. */
  readonly page: PageRef;
}

/**
 * Deletes the pages of a version with their chunks, all or those that pass a filter, and keeps the version. Does nothing if
 * the version does not exist.
 */
export interface DeletePages {
  /** Discriminant of the union. */
  readonly kind: 'deletePages';
  /** Version whose pages are deleted. */
  readonly version: VersionRef;
  /** Pages to delete. Default: all. Capability `bulkDeletion`. */
  readonly filter?: PageFilter | undefined;
}

/**
 * Deletes a version with its pages and, unless `removeLibrary` is false, its library if that was the last version. Does
 * nothing if the version does not exist.
 */
export interface RemoveVersion {
  /** Discriminant of the union. */
  readonly kind: 'removeVersion';
  /** Version to remove. */
  readonly version: VersionRef;
  /** Also removes a library without remaining versions. Default true. */
  readonly removeLibrary?: boolean | undefined;
}

/**
 * Deletes a library with all its versions and pages; a library without versions too. Does nothing if it does not exist.
 * Capability `bulkDeletion`.
 */
export interface RemoveLibrary {
  /** Discriminant of the union. */
  readonly kind: 'removeLibrary';
  /** Library to remove. */
  readonly library: LibraryRef;
}

/**
 * Deletes all libraries with their versions and pages. The embedding profile stays, and ids are not reused. Capability
 * `bulkDeletion`.
 */
export interface ClearStore {
  /** Discriminant of the union. */
  readonly kind: 'clear';
}

/** Handling of a version that does not exist: fail with `STORAGE_NOT_FOUND`, or change nothing. */
export type IfMissing = 'error' | 'ignore';

/** Sets the status, and stores the error message or clears it. */
export interface SetVersionStatus {
  /** Discriminant of the union. */
  readonly kind: 'setVersionStatus';
  /** Version to change. */
  readonly version: VersionRef;
  /** New status. */
  readonly status: VersionStatus;
  /** Message to store; null, the default, clears it. */
  readonly errorMessage?: string | null | undefined;
  /** Handling of an unknown version. Default `error`. */
  readonly ifMissing?: IfMissing | undefined;
}

/** Stores the progress of indexing a version. */
export interface SetVersionProgress {
  /** Discriminant of the union. */
  readonly kind: 'setVersionProgress';
  /** Version to change. */
  readonly version: VersionRef;
  /** Number of pages indexed, from 0. */
  readonly pages: number;
  /** Number of pages expected, from 0. */
  readonly maxPages: number;
  /** Handling of an unknown version. Default `error`. */
  readonly ifMissing?: IfMissing | undefined;
}

/** Stores the source of a version and its fetch options. */
export interface SetScraperOptions {
  /** Discriminant of the union. */
  readonly kind: 'setScraperOptions';
  /** Version to change. */
  readonly version: VersionRef;
  /** URL that the version was indexed from; null stores none. */
  readonly sourceUrl: string | null;
  /** Opaque JSON object; null stores none. */
  readonly options: JsonObject | null;
  /** Handling of an unknown version. Default `error`. */
  readonly ifMissing?: IfMissing | undefined;
}

/** Results by kind of {@link Mutation}. */
export interface MutationResults {
  /** Result of {@link ResolveVersion}; `created` is true if the version did not exist. */
  resolveVersion: { readonly libraryId: LibraryId; readonly versionId: VersionId; readonly created: boolean };
  /** Result of {@link PutLibrary}. */
  putLibrary: { readonly libraryId: LibraryId };
  /** Result of {@link PutVersion}. */
  putVersion: { readonly libraryId: LibraryId; readonly versionId: VersionId };
  /** Result of {@link ReplacePage}. */
  replacePage: {
    readonly versionId: VersionId;
    readonly pageId: PageId;
    /** Ids of the new chunks, in order. */
    readonly chunkIds: readonly ChunkId[];
    /** Number of chunks the page had before. */
    readonly chunksReplaced: number;
  };
  /** Result of {@link DeletePage}; both counts are 0 for a page that does not exist. */
  deletePage: { readonly pagesDeleted: number; readonly chunksDeleted: number };
  /** Result of {@link DeletePages}. */
  deletePages: { readonly pagesDeleted: number; readonly chunksDeleted: number };
  /** Result of {@link RemoveVersion}. */
  removeVersion: {
    readonly chunksDeleted: number;
    readonly versionDeleted: boolean;
    readonly libraryDeleted: boolean;
  };
  /** Result of {@link RemoveLibrary}; all zero or false for a library that does not exist. */
  removeLibrary: {
    readonly versionsDeleted: number;
    readonly pagesDeleted: number;
    readonly chunksDeleted: number;
    readonly libraryDeleted: boolean;
  };
  /** Result of {@link ClearStore}. */
  clear: {
    readonly librariesDeleted: number;
    readonly versionsDeleted: number;
    readonly pagesDeleted: number;
    readonly chunksDeleted: number;
  };
  /** Result of {@link SetVersionStatus}; null for an unknown version that was ignored. */
  setVersionStatus: { readonly versionId: VersionId | null };
  /** Result of {@link SetVersionProgress}; null for an unknown version that was ignored. */
  setVersionProgress: { readonly versionId: VersionId | null };
  /** Result of {@link SetScraperOptions}; null for an unknown version that was ignored. */
  setScraperOptions: { readonly versionId: VersionId | null };
}

/** Name of a kind of mutation. */
export type MutationKind = Mutation['kind'];

/** Result of one mutation, tagged with its kind. */
export type MutationResult = {
  [K in MutationKind]: { readonly kind: K } & MutationResults[K];
}[MutationKind];

/** Result of one given kind of mutation. */
export type ResultOf<M extends Mutation> = M extends Mutation
  ? { readonly kind: M['kind'] } & MutationResults[M['kind']]
  : never;
