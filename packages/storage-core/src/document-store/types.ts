import type { CallOptions } from '../ports/call-options.js';
import type { SearchMode } from '../ports/capabilities.js';
import type { ContextOptions } from '../ports/catalog.js';
import type { FtsWeights } from '../ports/fts-index.js';
import type { FusionOptions, FusionPreset } from '../search/fusion.js';
import type { SnippetOptions } from '../search/snippet.js';
import type { ChunkFilter } from '../values/chunk-filter.js';
import type { LibraryId, PageId, VersionId } from '../values/ids.js';
import type { JsonObject } from '../values/json.js';
import type { ChunkMetadata, VersionStatus } from '../values/records.js';
import type { Rerank } from './rerank.js';

/**
 * A page as an application provides it, with its text split into chunks.
 *
 * @example
 * ```ts
 * const page: PageDocument = {
 *   url: 'https://fastify.dev/docs/hooks',
 *   title: 'Hooks',
 *   chunks: [{ content: 'Hooks run in order.', metadata: { types: ['text'], level: 1, path: ['Hooks'] } }],
 * };
 * ```
 */
export interface PageDocument {
  /** URL of the page, which identifies it within its version. Must not be empty. */
  readonly url: string;
  /** Title of the page; searched and embedded with every chunk. Default null. */
  readonly title?: string | null | undefined;
  /** HTTP `ETag` of the page, kept for later requests. Default null. */
  readonly etag?: string | null | undefined;
  /** HTTP `Last-Modified` of the page, kept for later requests. Default null. */
  readonly lastModified?: string | null | undefined;
  /** Content type of the chunks' text, such as `text/markdown`. Default null. */
  readonly contentType?: string | null | undefined;
  /** Content type of the page before it was converted to text. Default null. */
  readonly sourceContentType?: string | null | undefined;
  /** Number of links from the starting page. Default null. */
  readonly depth?: number | null | undefined;
  /** Chunks in page order. A page without chunks changes nothing. */
  readonly chunks: readonly {
    readonly content: string;
    readonly metadata: ChunkMetadata;
  }[];
}

/** Result of adding a page. */
export interface AddedPage {
  /** Id of the page; null for a page without chunks, which changes nothing. */
  readonly pageId: PageId | null;
  /** Ids of the new chunks, in page order; empty for a page without chunks. */
  readonly chunkIds: readonly string[];
  /** Number of chunks the page had before. */
  readonly chunksReplaced: number;
  /**
   * Sort orders of chunks stored without a vector because they are too large for the embedder, with `onTooLarge:
   * 'skip'`. Absent if there are none.
   */
  readonly tooLarge?: readonly number[] | undefined;
}

/** A chunk as applications see it. */
export interface Chunk {
  /** Opaque id of the chunk. */
  readonly id: string;
  /** Id of the page. */
  readonly pageId: PageId;
  /** Id of the version. */
  readonly versionId: VersionId;
  /** URL of the page. */
  readonly url: string;
  /** Title of the page; null without one. */
  readonly title: string | null;
  /** Content type of the page's text, such as `text/markdown`; null if unknown. */
  readonly contentType: string | null;
  /** Content type of the page before it was converted to text; null if unknown. */
  readonly sourceContentType: string | null;
  /** Text of the chunk. */
  readonly content: string;
  /** Position of the chunk in the structure of its page. */
  readonly metadata: ChunkMetadata;
  /** Position in the page, from 0. */
  readonly sortOrder: number;
  /** Time of creation in ISO 8601, UTC: that of the last write of its page. Null if unknown. */
  readonly createdAt: string | null;
}

/** Relatives of a chunk on its page, as far as they were requested. Each list is in page order. */
export interface ChunkContext {
  /**
   * Nearest earlier chunk with the path of the chunk without its last element; null if there is none, if the path has
   * fewer than two elements, or if it was not requested.
   */
  readonly parent: Chunk | null;
  /** First later chunks whose path is exactly one longer and begins with the chunk's. */
  readonly children: readonly Chunk[];
  /** Nearest earlier chunks with the same path. */
  readonly precedingSiblings: readonly Chunk[];
  /** Nearest later chunks with the same path. */
  readonly subsequentSiblings: readonly Chunk[];
}

/**
 * Options of a read of chunks by id. With both names, chunks of other versions count as unknown; one name without the
 * other is a TypeError.
 *
 * @example
 * ```ts
 * const options: ChunkReadOptions = { library: 'fastify', version: '5.0', deadline: deadlineIn(2_000) };
 * const chunks = await store.chunks([chunkId], options);
 * ```
 */
export interface ChunkReadOptions extends CallOptions {
  /** Library that the chunks must belong to, in any case. Default: any. */
  readonly library?: string | undefined;
  /** Version that the chunks must belong to, in any case; empty for the unversioned one. Default: any. */
  readonly version?: string | undefined;
}

/** A chunk found by a search. */
export interface SearchHit extends Chunk {
  /** Name of its library, in lower case. */
  readonly library: string;
  /** Name of its version, in lower case; empty for the unversioned one. */
  readonly version: string;
  /** Fused score in a hybrid search, −bm25 in a full-text search. Higher is better. */
  readonly score: number;
  /** Rank in the vector list, from 1; absent in a full-text search. */
  readonly vecRank?: number | undefined;
  /** Rank in the full-text list, from 1. */
  readonly ftsRank?: number | undefined;
  /** Distance from the query vector, in the metric of the store; absent if the vector list did not contain the chunk. */
  readonly distance?: number | undefined;
  /** −bm25 over the whole store, higher is better; absent if the full-text list did not contain the chunk. */
  readonly ftsScore?: number | undefined;
  /** Excerpt with the matches marked; present if the search has the option `snippet`. */
  readonly snippet?: string | undefined;
  /** Relatives of the chunk; present if the search has the option `context`. */
  readonly context?: ChunkContext | undefined;
}

/**
 * Options of a search.
 *
 * @example
 * ```ts
 * const options: SearchOptions = {
 *   limit: 10,
 *   fusion: { rule: 'reciprocal-rank', vectorWeight: 2 },
 *   deadline: deadlineIn(2_000),
 * };
 * const hits = await store.search('fastify', '5.0', 'routes', options);
 * ```
 */
export interface SearchOptions {
  /** Maximum number of hits; 0 returns none. Default 5. */
  readonly limit?: number | undefined;
  /** Restricts the search to some chunks, before the limit is applied. Default: none. */
  readonly filter?: ChunkFilter | undefined;
  /** Vector of the text, for callers that already have it. Default: computed by the store's embedder. */
  readonly vector?: Float32Array | undefined;
  /** Factor for the number of full-text candidates: max(1, limit × overfetchFactor). Default 2. */
  readonly overfetchFactor?: number | undefined;
  /** Number of vector candidates per full-text candidate. Default 10. */
  readonly vectorMultiplier?: number | undefined;
  /** Rule and weights for combining the vector and the full-text list, or the name of a preset. */
  readonly fusion?: FusionOptions | FusionPreset | undefined;
  /** Weights of the columns in bm25. Default: content 10, url 5, title 1, path 1. */
  readonly ftsWeights?: FtsWeights | undefined;
  /** Vector search method. Default `exact`. */
  readonly mode?: SearchMode | undefined;
  /** Adds an excerpt with marked matches to every hit; `true` for the default form. Default: none. */
  readonly snippet?: boolean | SnippetOptions | undefined;
  /** Reranks the hits before the limit is applied; null does not. Default: `rerank` of `DocumentStore.open`, or none. */
  readonly rerank?: Rerank | null | undefined;
  /** Number of hits to rerank, at least the limit. Default: 4 × limit. */
  readonly rerankFrom?: number | undefined;
  /** Relatives to return with every hit, in the same call. Default: none, and hits have no `context`. */
  readonly context?: ContextOptions | undefined;
  /** Aborting it rejects the search with `STORAGE_ABORTED`. */
  readonly signal?: AbortSignal | undefined;
  /** Time in milliseconds since the epoch after which the search is rejected with `STORAGE_TIMEOUT`. */
  readonly deadline?: number | undefined;
}

/** Status, progress and size of one version. */
export interface VersionSummary {
  /** Id of the version. */
  readonly id: VersionId;
  /** Name in lower case; empty for the unversioned one. */
  readonly name: string;
  /** Status of indexing. */
  readonly status: VersionStatus;
  /** Progress of indexing, in pages. */
  readonly progress: { readonly pages: number; readonly maxPages: number };
  /** Message stored with the status; null without one. */
  readonly errorMessage: string | null;
  /** URL that the version was indexed from; null if unknown. */
  readonly sourceUrl: string | null;
  /** Options stored with the source URL; null without a source URL, and if only the URL was stored. */
  readonly scraperOptions: JsonObject | null;
  /** Number of chunks. */
  readonly chunks: number;
  /** Number of distinct page URLs; pages without chunks count. */
  readonly urls: number;
  /** Time when its first page was stored, in ISO 8601, UTC; rewriting that page does not change it. Null without pages. */
  readonly indexedAt: string | null;
}

/** A library with its versions, newest first by semantic version, after the unversioned one. */
export interface LibrarySummary {
  /** Id of the library. */
  readonly id: LibraryId;
  /** Name in lower case. */
  readonly name: string;
  /** Versions, newest first, after the unversioned one. */
  readonly versions: readonly VersionSummary[];
}

/** Result of removing a version; all zero or false if it did not exist. */
export interface RemovedVersion {
  /** Number of chunks deleted. */
  readonly documentsDeleted: number;
  /** False if the version did not exist. */
  readonly versionDeleted: boolean;
  /** True if the library was deleted with its last version. */
  readonly libraryDeleted: boolean;
}

/** Result of deleting pages. */
export interface DeletedPages {
  /** Number of pages deleted. */
  readonly pagesDeleted: number;
  /** Number of their chunks. */
  readonly documentsDeleted: number;
}

/** Result of removing a library; all zero or false if it did not exist. */
export interface RemovedLibrary extends DeletedPages {
  /** Number of versions deleted. */
  readonly versionsDeleted: number;
  /** False if the library did not exist. */
  readonly libraryDeleted: boolean;
}

/** Result of clearing a store. */
export interface ClearedStore extends DeletedPages {
  /** Number of libraries deleted. */
  readonly librariesDeleted: number;
  /** Number of versions deleted. */
  readonly versionsDeleted: number;
}

/** Source of a version and the options it was fetched with. */
export interface StoredScraperOptions {
  /** URL that the version was indexed from. */
  readonly sourceUrl: string;
  /** Options as they were stored; empty when only the URL was stored. */
  readonly options: JsonObject;
}
