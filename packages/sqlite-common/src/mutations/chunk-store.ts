import type {
  ChunkId,
  ChunkInput,
  EmbeddingProfile,
  PageId,
  VersionId,
  VersionRef,
} from '@switchyard/storage-core';

/** The page whose chunks are written. Its row exists, with the columns that full text is made of. */
export interface ChunkOwner {
  readonly pageId: PageId;
  readonly versionId: VersionId;
  /** The moment of the write, for chunks that bring none of their own. */
  readonly now: string;
}

/** A version, and the page it has at an address. */
export interface FoundPage {
  readonly versionId: VersionId;
  /** Null when there is none. */
  readonly page: { readonly id: PageId; readonly createdAt: string | null } | null;
}

/**
 * How a store writes chunks: rows, vectors and full text together. Everything is called inside a write transaction,
 * after all mutations were checked.
 */
export interface ChunkStore {
  /** Embedding profile of the store; null before it is known. */
  profile(): EmbeddingProfile | null;
  /**
   * Looks for the page that is to be replaced; null when its version does not exist. For stores that have more to know
   * of the version before they write, and read all of it in one statement. Default: a statement for each.
   */
  findPage?(version: VersionRef, url: string): FoundPage | null;
  /**
   * Writes the chunks of a page that has none, in order. Assigned ids are never reused; given ids that are taken fail
   * with a constraint error of SQLite.
   *
   * @returns The ids of the chunks, in order.
   */
  insert(owner: ChunkOwner, chunks: readonly ChunkInput[]): readonly ChunkId[];
  /** Deletes the chunks of a page before its row changes. @returns Number of chunks deleted. */
  deleteOfPage(pageId: PageId, versionId: VersionId): number;
  /** Deletes the chunks of all pages of a version before the pages. @returns Number of chunks deleted. */
  deleteOfVersion(versionId: VersionId): number;
  /** Called once after the last mutation, still inside the transaction: for what is better written together. */
  finish?(): void;
}
