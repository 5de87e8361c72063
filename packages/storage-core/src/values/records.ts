import type { ChunkId, LibraryId, PageId, VersionId } from './ids.js';
import type { JsonObject, JsonValue } from './json.js';

/**
 * A moment in UTC, as the store keeps it: `YYYY-MM-DD HH:MM:SS` (what SQL's CURRENT_TIMESTAMP writes) or ISO 8601.
 * Records carry it unchanged, so that a copy is exact; {@link toIsoTimestamp} gives the ISO form.
 */
export type Timestamp = string;

/** The states of a version, from the first wish to index it to the last attempt. */
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
  readonly id: LibraryId;
  /** Lower case. */
  readonly name: string;
  readonly createdAt: Timestamp | null;
}

/** A version as stored, with the name of its library. */
export interface VersionRecord {
  readonly id: VersionId;
  readonly libraryId: LibraryId;
  readonly library: string;
  /** Lower case; empty for the unversioned one. */
  readonly name: string;
  readonly status: VersionStatus;
  readonly progressPages: number;
  readonly progressMaxPages: number;
  readonly errorMessage: string | null;
  readonly sourceUrl: string | null;
  /** An opaque JSON object that the application keeps beside the source URL. */
  readonly scraperOptions: JsonObject | null;
  readonly createdAt: Timestamp | null;
  readonly startedAt: Timestamp | null;
  readonly updatedAt: Timestamp | null;
}

/** One line of the overview: a version with what is indexed of it. */
export interface VersionOverview {
  readonly version: VersionRecord;
  readonly chunks: number;
  /** Number of distinct page URLs; pages without chunks count. */
  readonly urls: number;
  /** When its first page was stored; writing that page anew does not change it. Null without pages. */
  readonly firstIndexedAt: Timestamp | null;
}

/** A page as stored. */
export interface PageRecord {
  readonly id: PageId;
  readonly versionId: VersionId;
  readonly url: string;
  readonly title: string | null;
  readonly etag: string | null;
  readonly lastModified: string | null;
  readonly contentType: string | null;
  /** The type the page had before it was turned into text. */
  readonly sourceContentType: string | null;
  /** Links from the starting page. */
  readonly depth: number | null;
  readonly createdAt: Timestamp | null;
  readonly updatedAt: Timestamp | null;
}

/** What is known of a chunk's place in its page. Further keys are kept as they are. */
export interface ChunkMetadata {
  /** What the chunk is made of: `text`, `code`, `heading`, `table`, `list`, `structural`, … */
  readonly types: readonly string[];
  /** Depth of the heading the chunk stands under. */
  readonly level: number;
  /** The headings above the chunk, outermost first. */
  readonly path: readonly string[];
  readonly [extra: string]: JsonValue | undefined;
}

/** A chunk as stored, with what a search result shows of its page. */
export interface ChunkRecord {
  readonly id: ChunkId;
  readonly pageId: PageId;
  readonly versionId: VersionId;
  readonly url: string;
  readonly title: string | null;
  readonly contentType: string | null;
  readonly sourceContentType: string | null;
  readonly content: string;
  readonly metadata: ChunkMetadata;
  /** Position in the page, from 0. */
  readonly sortOrder: number;
  readonly createdAt: Timestamp | null;
}

/** A chunk with its vector, as a copy needs it. */
export interface ChunkSnapshot {
  readonly id: ChunkId;
  readonly content: string;
  readonly metadata: ChunkMetadata;
  readonly sortOrder: number;
  readonly createdAt: Timestamp | null;
  /** The vector that the index holds or would hold; null when there is none or it cannot be used. */
  readonly vector: Float32Array | null;
}

/** A page with its chunks, in order: the unit of copying. */
export interface PageSnapshot {
  readonly page: PageRecord;
  readonly chunks: readonly ChunkSnapshot[];
}

/** The type of chunk that only gives structure and never appears in a search. */
export const STRUCTURAL_TYPE = 'structural';

/** Whether a chunk only gives structure. */
export function isStructural(metadata: ChunkMetadata): boolean {
  return metadata.types.includes(STRUCTURAL_TYPE);
}

/** The ISO 8601 form, in UTC, of a stored timestamp; a text that is no moment is returned as it is. */
export function toIsoTimestamp(timestamp: Timestamp): string {
  const sql = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}(?:\.\d+)?)$/.exec(timestamp);
  const moment = new Date(sql === null ? timestamp : `${sql[1]}T${sql[2]}Z`);
  return Number.isNaN(moment.getTime()) ? timestamp : moment.toISOString();
}
