import {
  type ChunkRecord,
  type LibraryRecord,
  type PageRecord,
  type VersionRecord,
  type VersionStatus,
  versionStatuses,
} from '@switchyard/storage-core';
import type { SqlRow } from '../driver.js';
import { parseJsonObject, parseMetadata } from './metadata.js';
import { toInteger, toIntegerOrNull, toText } from './text.js';

/** Converts a row of `libraries`. */
export function toLibrary(row: SqlRow): LibraryRecord {
  return { id: toInteger(row.id, 0), name: toName(row.name), createdAt: toText(row.created_at) };
}

/** Converts a row of `versions`, with the name of its library as `library`. */
export function toVersion(row: SqlRow): VersionRecord {
  return {
    id: toInteger(row.id, 0),
    libraryId: toInteger(row.library_id, 0),
    library: toName(row.library),
    name: toName(row.name),
    status: toStatus(row.status),
    progressPages: toInteger(row.progress_pages, 0),
    progressMaxPages: toInteger(row.progress_max_pages, 0),
    errorMessage: toText(row.error_message),
    sourceUrl: toText(row.source_url),
    scraperOptions: parseJsonObject(toText(row.scraper_options)),
    createdAt: toText(row.created_at),
    startedAt: toText(row.started_at),
    updatedAt: toText(row.updated_at),
  };
}

/** Converts a row of `pages`. Columns that older levels lack read as null. */
export function toPage(row: SqlRow): PageRecord {
  return {
    id: toInteger(row.id, 0),
    versionId: toInteger(row.version_id, 0),
    url: toText(row.url) ?? '',
    title: toText(row.title),
    etag: toText(row.etag),
    lastModified: toText(row.last_modified),
    contentType: toText(row.content_type),
    sourceContentType: toText(row.source_content_type),
    depth: toIntegerOrNull(row.depth),
    createdAt: toText(row.created_at),
    updatedAt: toText(row.updated_at),
  };
}

/** Converts a row of `documents` with columns of its page, as selected by the chunk statements of the catalog. */
export function toChunk(row: SqlRow): ChunkRecord {
  return {
    id: toInteger(row.id, 0),
    pageId: toInteger(row.page_id, 0),
    versionId: toInteger(row.version_id, 0),
    url: toText(row.url) ?? '',
    title: toText(row.title),
    contentType: toText(row.content_type),
    sourceContentType: toText(row.source_content_type),
    content: toText(row.content) ?? '',
    metadata: parseMetadata(toText(row.metadata)),
    sortOrder: toInteger(row.sort_order, 0),
    createdAt: toText(row.created_at),
  };
}

/** Old stores contain names in any case, and NULL for the unversioned version. */
export function toName(value: SqlRow[string] | undefined): string {
  return (toText(value) ?? '').toLowerCase();
}

function toStatus(value: SqlRow[string] | undefined): VersionStatus {
  return versionStatuses.find((status) => status === value) ?? 'not_indexed';
}
