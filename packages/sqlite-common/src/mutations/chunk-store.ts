import type {
  ChunkId,
  ChunkInput,
  EmbeddingProfile,
  PageId,
  VersionId,
  VersionRef,
} from '@switchyard/storage-core';

/** Page whose chunks are written. Its row exists, with the columns that are indexed for full-text search. */
export interface ChunkOwner {
  readonly pageId: PageId;
  readonly versionId: VersionId;
  /** Time of the write, for chunks without a timestamp of their own. */
  readonly now: string;
}

/** A version, and its page at a URL. */
export interface FoundPage {
  readonly versionId: VersionId;
  /** Null if there is none. */
  readonly page: { readonly id: PageId; readonly createdAt: string | null } | null;
}

/**
 * Writes chunks: rows, vectors and full-text entries together. Everything is called inside a write transaction, after
 * all mutations were checked.
 */
export interface ChunkStore {
  /** Embedding profile of the store; null before it is known. */
  profile(): EmbeddingProfile | null;
  /**
   * Finds the page to be replaced; null if its version does not exist. For stores that read more about the version
   * before they write, and read it all in one statement. Default: one statement each.
   */
  findPage?(version: VersionRef, url: string): FoundPage | null;
  /**
   * Writes the chunks of a page that has none, in order. Assigned ids are never reused; supplied ids that are taken
   * fail with a SQLite constraint error.
   *
   * @returns Ids of the chunks, in order.
   */
  insert(owner: ChunkOwner, chunks: readonly ChunkInput[]): readonly ChunkId[];
  /** Deletes the chunks of a page before its row changes. @returns Number of chunks deleted. */
  deleteOfPage(pageId: PageId, versionId: VersionId): number;
  /** Deletes the chunks of pages of one version before the pages. @returns Number of chunks deleted. */
  deleteOfPages(pageIds: readonly PageId[], versionId: VersionId): number;
  /** Deletes the chunks of all pages of versions before the pages. @returns Number of chunks deleted. */
  deleteOfVersions(versionIds: readonly VersionId[]): number;
  /** Called once after the last mutation, inside the transaction, for what is better written in one go. */
  finish?(): void;
}
