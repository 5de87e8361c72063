/**
 * Positive integer id that a store assigns, at most 2^53 − 1. Ids are opaque: callers may only compare and order them.
 * `DocumentStore` returns chunk ids to applications as strings.
 */
export type LibraryId = number;
/** See {@link LibraryId}. */
export type VersionId = number;
/** See {@link LibraryId}. */
export type PageId = number;
/** See {@link LibraryId}. */
export type ChunkId = number;

/** A library, by id or by name in any case. */
export type LibraryRef = { readonly libraryId: LibraryId } | { readonly library: string };

/** A version, by id or by names in any case; the unversioned one has the empty name. */
export type VersionRef =
  | { readonly versionId: VersionId }
  | { readonly library: string; readonly version: string };

/** A page, by id or by its URL within a version. */
export type PageRef = { readonly pageId: PageId } | { readonly version: VersionRef; readonly url: string };
