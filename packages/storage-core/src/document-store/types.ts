import type { SearchMode } from '../ports/capabilities.js';
import type { FtsWeights } from '../ports/fts-index.js';
import type { FusionOptions } from '../search/fusion.js';
import type { LibraryId, PageId, VersionId } from '../values/ids.js';
import type { JsonObject } from '../values/json.js';
import type { ChunkMetadata, VersionStatus } from '../values/records.js';

/** A page as an application brings it: text already cut into chunks. */
export interface PageDocument {
  readonly url: string;
  readonly title?: string | null | undefined;
  readonly etag?: string | null | undefined;
  readonly lastModified?: string | null | undefined;
  readonly contentType?: string | null | undefined;
  readonly sourceContentType?: string | null | undefined;
  readonly depth?: number | null | undefined;
  /** In page order. A page without chunks changes nothing. */
  readonly chunks: readonly {
    readonly content: string;
    readonly metadata: ChunkMetadata;
  }[];
}

/** What adding a page did. */
export interface AddedPage {
  /** Null for a page without chunks, which changes nothing. */
  readonly pageId: PageId | null;
  readonly chunkIds: readonly string[];
  readonly chunksReplaced: number;
  /** Sort orders of the chunks that the embedder found too large: stored without a vector, with `onTooLarge: 'skip'`. Missing when there are none. */
  readonly tooLarge?: readonly number[] | undefined;
}

/** A chunk as applications see it. */
export interface Chunk {
  /** Opaque. */
  readonly id: string;
  readonly pageId: PageId;
  readonly versionId: VersionId;
  readonly url: string;
  readonly title: string | null;
  readonly contentType: string | null;
  readonly sourceContentType: string | null;
  readonly content: string;
  readonly metadata: ChunkMetadata;
  readonly sortOrder: number;
}

/** A chunk that a search found. */
export interface SearchHit extends Chunk {
  /** Fused score in a hybrid search, −bm25 in a search by words. Higher is better. */
  readonly score: number;
  /** Place among the candidates by vector, from 1; missing in a search by words. */
  readonly vecRank?: number | undefined;
  /** Place among the candidates by words, from 1. */
  readonly ftsRank?: number | undefined;
}

/** How a search is made. */
export interface SearchOptions {
  /** At most so many hits, from 0. Default 5. */
  readonly limit?: number | undefined;
  /** The vector of the text, for callers that have it already. Otherwise the embedder of the store makes it. */
  readonly vector?: Float32Array | undefined;
  /** Candidates by words: max(1, limit × overfetchFactor). Default 2. */
  readonly overfetchFactor?: number | undefined;
  /** Candidates by vector: candidates by words × vectorMultiplier. Default 10. */
  readonly vectorMultiplier?: number | undefined;
  readonly fusion?: FusionOptions | undefined;
  readonly ftsWeights?: FtsWeights | undefined;
  /** Default `exact`. */
  readonly mode?: SearchMode | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly deadline?: number | undefined;
}

/** Status, progress and size of one version. */
export interface VersionSummary {
  readonly id: VersionId;
  readonly name: string;
  readonly status: VersionStatus;
  readonly progress: { readonly pages: number; readonly maxPages: number };
  readonly errorMessage: string | null;
  readonly sourceUrl: string | null;
  readonly chunks: number;
  readonly urls: number;
  /** When its first page was stored, also if it was written anew since; ISO 8601 in UTC. Null without pages. */
  readonly indexedAt: string | null;
}

/** A library with its versions, newest first by semantic version, the unversioned one first of all. */
export interface LibrarySummary {
  readonly id: LibraryId;
  readonly name: string;
  readonly versions: readonly VersionSummary[];
}

/** What was removed with a version; all zero or false when it did not exist. */
export interface RemovedVersion {
  readonly documentsDeleted: number;
  readonly versionDeleted: boolean;
  readonly libraryDeleted: boolean;
}

/** Where a version came from and how it was fetched. */
export interface StoredScraperOptions {
  readonly sourceUrl: string;
  readonly options: JsonObject;
}
