import type { ChunkId, LibraryId, PageId, VersionId } from './ids.js';
import type { JsonObject, JsonValue } from './json.js';

/**
 * Time in UTC as stored: `YYYY-MM-DD HH:MM:SS` (written by SQL's CURRENT_TIMESTAMP) or ISO 8601. Records contain it
 * unchanged, so that copies are exact; {@link toIsoTimestamp} returns the ISO form.
 */
export type Timestamp = string;

/**
 * Returns a time as SQL's CURRENT_TIMESTAMP does, for rows whose times the caller did not give.
 *
 * @param moment Default: now.
 *
 * @example
 * ```ts
 * sqlTimestamp(new Date(0)); // '1970-01-01 00:00:00'
 * ```
 */
export function sqlTimestamp(moment: Date = new Date()): Timestamp {
  return moment.toISOString().slice(0, 19).replace('T', ' ');
}

/** Statuses of a version, from the request to index it to the last attempt. */
export const versionStatuses = [
  'not_indexed',
  'queued',
  'running',
  'completed',
  'failed',
  'cancelled',
  'updating',
] as const;

/** One of {@link versionStatuses}. */
export type VersionStatus = (typeof versionStatuses)[number];

/** A library as stored. */
export interface LibraryRecord {
  /** Id of the library. */
  readonly id: LibraryId;
  /** Name in lower case. */
  readonly name: string;
  /** Time of creation; null if unknown. */
  readonly createdAt: Timestamp | null;
}

/** A version as stored, with the name of its library. */
export interface VersionRecord {
  /** Id of the version. */
  readonly id: VersionId;
  /** Id of the library. */
  readonly libraryId: LibraryId;
  /** Name of the library, in lower case. */
  readonly library: string;
  /** Name in lower case; empty for the unversioned one. */
  readonly name: string;
  /** Status of indexing. */
  readonly status: VersionStatus;
  /** Number of pages indexed. */
  readonly progressPages: number;
  /** Number of pages expected. */
  readonly progressMaxPages: number;
  /** Message stored with the status; null without one. */
  readonly errorMessage: string | null;
  /** URL that the version was indexed from; null if unknown. */
  readonly sourceUrl: string | null;
  /** Opaque JSON object that the application stores with the source URL. */
  readonly scraperOptions: JsonObject | null;
  /** Time of creation; null if unknown. */
  readonly createdAt: Timestamp | null;
  /** Time when indexing started; null if it never did. */
  readonly startedAt: Timestamp | null;
  /** Time of the last change of the row; null if unknown. */
  readonly updatedAt: Timestamp | null;
}

/** A version with the size of its indexed content. */
export interface VersionOverview {
  /** The version row. */
  readonly version: VersionRecord;
  /** Number of chunks. */
  readonly chunks: number;
  /** Number of distinct page URLs; pages without chunks count. */
  readonly urls: number;
  /** Time when its first page was stored; rewriting that page does not change it. Null without pages. */
  readonly firstIndexedAt: Timestamp | null;
}

/** A page as stored. */
export interface PageRecord {
  /** Id of the page. */
  readonly id: PageId;
  /** Id of the version. */
  readonly versionId: VersionId;
  /** URL of the page, which identifies it within its version. */
  readonly url: string;
  /** Title of the page; null without one. */
  readonly title: string | null;
  /** HTTP `ETag` of the page; null if unknown. */
  readonly etag: string | null;
  /** HTTP `Last-Modified` of the page; null if unknown. */
  readonly lastModified: string | null;
  /** Content type of the chunks' text, such as `text/markdown`; null if unknown. */
  readonly contentType: string | null;
  /** Content type of the page before it was converted to text; null if unknown. */
  readonly sourceContentType: string | null;
  /** Number of links from the starting page; null if unknown. */
  readonly depth: number | null;
  /** Time of creation; null if unknown. */
  readonly createdAt: Timestamp | null;
  /** Time of the last write; null if unknown. */
  readonly updatedAt: Timestamp | null;
}

/** Position of a chunk in the structure of its page. Additional keys are kept unchanged. */
export interface ChunkMetadata {
  /** Kinds of content in the chunk: `text`, `code`, `heading`, `table`, `list`, `structural`, … */
  readonly types: readonly string[];
  /** Depth of the heading above the chunk; 0 without one. */
  readonly level: number;
  /** Headings above the chunk, outermost first. */
  readonly path: readonly string[];
  readonly [extra: string]: JsonValue | undefined;
}

/** A chunk as stored, with the columns of its page that a search result shows. */
export interface ChunkRecord {
  /** Id of the chunk. */
  readonly id: ChunkId;
  /** Id of the page. */
  readonly pageId: PageId;
  /** Id of the version. */
  readonly versionId: VersionId;
  /** URL of the page. */
  readonly url: string;
  /** Title of the page; null without one. */
  readonly title: string | null;
  /** Content type of the page's text; null if unknown. */
  readonly contentType: string | null;
  /** Content type of the page before it was converted to text; null if unknown. */
  readonly sourceContentType: string | null;
  /** Text of the chunk. */
  readonly content: string;
  /** Position of the chunk in the structure of its page. */
  readonly metadata: ChunkMetadata;
  /** Position in the page, from 0. */
  readonly sortOrder: number;
  /** Time of creation; null if unknown. */
  readonly createdAt: Timestamp | null;
}

/** A chunk with its vector, as used by a copy. */
export interface ChunkSnapshot {
  /** Id of the chunk. */
  readonly id: ChunkId;
  /** Text of the chunk. */
  readonly content: string;
  /** Position of the chunk in the structure of its page. */
  readonly metadata: ChunkMetadata;
  /** Position in the page, from 0. */
  readonly sortOrder: number;
  /** Time of creation; null if unknown. */
  readonly createdAt: Timestamp | null;
  /** Vector that the index holds or should hold; null if there is none or it is unusable. */
  readonly vector: Float32Array | null;
}

/** A page with its chunks, in order: the unit of copying. */
export interface PageSnapshot {
  /** The page row. */
  readonly page: PageRecord;
  /** All chunks of the page, in page order. */
  readonly chunks: readonly ChunkSnapshot[];
  /** Number of texts above that are not well-formed where they are stored and have U+FFFD instead. Default 0. */
  readonly textsReplaced?: number | undefined;
}

/** Type of chunks that only provide structure and never appear in search results. */
export const STRUCTURAL_TYPE = 'structural';

/** Returns true for a chunk that only provides structure; searches exclude it. */
export function isStructural(metadata: ChunkMetadata): boolean {
  return metadata.types.includes(STRUCTURAL_TYPE);
}

/**
 * Returns a stored timestamp in ISO 8601, in UTC. Other text is returned unchanged.
 *
 * @example
 * ```ts
 * toIsoTimestamp('2024-01-31 12:00:00'); // '2024-01-31T12:00:00.000Z'
 * ```
 */
export function toIsoTimestamp(timestamp: Timestamp): string {
  const sql = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}(?:\.\d+)?)$/.exec(timestamp);
  const moment = new Date(sql === null ? timestamp : `${sql[1]}T${sql[2]}Z`);
  return Number.isNaN(moment.getTime()) ? timestamp : moment.toISOString();
}
