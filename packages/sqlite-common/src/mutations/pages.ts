import type {
  ChunkInput,
  DeletePage,
  DeletePages,
  PageId,
  PageInput,
  ReplacePage,
  VersionId,
  VersionRef,
} from '@switchyard/storage-core';
import { type MutationResults, normalizePageFilter } from '@switchyard/storage-core/backend';
import { findPageId } from '../catalog/references.js';
import { integer, text } from '../rows/text-columns.js';
import type { FoundPage } from './chunk-store.js';
import { existingVersionId, type MutationContext, refuse, requireVersionId } from './context.js';
import { resolveVersion } from './versions.js';

const PAGE_BY_ID = `
  SELECT pages.id, ${text('pages.created_at', { as: 'createdAt' })}
  FROM pages
  WHERE pages.id = ?1`;

const VERSION_OF_PAGE = `
  SELECT ${integer('version_id')} FROM pages WHERE id = ?1`;

// REPLACE rather than UPDATE, because of the triggers of legacy stores: see versions.ts.
const PUT_PAGE = `
  REPLACE INTO pages (
    id, version_id, url, title, etag, last_modified, content_type, source_content_type, depth, created_at, updated_at
  ) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)`;

const DELETE_PAGE = `
  DELETE FROM pages WHERE id = ?1`;

const DELETE_PAGES = `
  DELETE FROM pages WHERE version_id = ?1`;

/**
 * Pages of the version ?1 whose URL begins with ?2 and that were last written before ?3, in seconds since the epoch; NULL
 * for no restriction. URLs are compared byte by byte: LIKE ignores case and has wildcards. An unknown time is never earlier.
 */
const MATCHING_PAGES = `
  SELECT ${integer('id')}
  FROM pages
  WHERE version_id = ?1
    AND (?2 IS NULL OR substr(CAST(url AS BLOB), 1, length(CAST(?2 AS BLOB))) = CAST(?2 AS BLOB))
    AND (?3 IS NULL OR CAST(strftime('%s', updated_at) AS INTEGER) < ?3)
  ORDER BY id`;

/** ?1 a JSON array of ids. */
const DELETE_PAGES_BY_ID = `
  DELETE FROM pages WHERE id IN (SELECT value FROM json_each(?1))`;

export function replacePage(
  context: MutationContext,
  { version, page, chunks }: ReplacePage,
): MutationResults['replacePage'] {
  const { versionId, page: known } = findPage(context, version, page.url) ?? {
    versionId:
      'versionId' in version
        ? requireVersionId(context, version)
        : resolveVersion(context, version).versionId,
    page: null,
  };
  checkPageId(context, page.id, known?.id);
  // Old chunks first: their full-text entries are found by the title that the page still has.
  const chunksReplaced = known === null ? 0 : context.chunks.deleteOfPage(known.id, versionId);
  const pageId = putPage(context, versionId, page, known);
  const owner = { pageId, versionId, now: context.now };
  const chunkIds = context.chunks.insert(owner, withIds(context, chunks));
  return { versionId, pageId, chunkIds, chunksReplaced };
}

/** Gives ids to chunks without, where SQLite is not to assign them. */
function withIds({ takeIds }: MutationContext, chunks: readonly ChunkInput[]): readonly ChunkInput[] {
  if (takeIds === undefined || chunks.every(({ id }) => id !== undefined)) return chunks;
  const first = takeIds('chunk', chunks.length);
  return first === null ? chunks : chunks.map((chunk, index) => ({ ...chunk, id: first + index }));
}

/** Returns null if the version does not exist. */
function findPage(context: MutationContext, version: VersionRef, url: string): FoundPage | null {
  const { chunks, driver } = context;
  if (chunks.findPage !== undefined) return chunks.findPage(version, url);
  const versionId = existingVersionId(context, version);
  if (versionId === null) return null;
  // Also finds a page whose public URL this is, although different bytes are stored.
  const pageId = findPageId(driver, { version: { versionId }, url });
  if (pageId === null) return { versionId, page: null };
  const page = driver.first<{ id: PageId; createdAt: string | null }>(PAGE_BY_ID, [pageId]);
  return { versionId, page: page ?? null };
}

function checkPageId(
  { driver }: MutationContext,
  given: PageId | undefined,
  known: PageId | undefined,
): void {
  if (given === undefined || given === known) return;
  if (known !== undefined) refuse(`The page has id ${known}, not ${given}.`);
  if (driver.first(VERSION_OF_PAGE, [given]) !== undefined) refuse(`Id ${given} belongs to another page.`);
}

function putPage(
  { driver, now, takeIds }: MutationContext,
  versionId: VersionId,
  page: PageInput,
  known: FoundPage['page'],
): PageId {
  const createdAt = known === null ? now : known.createdAt;
  return driver.run(PUT_PAGE, [
    known?.id ?? page.id ?? takeIds?.('page', 1) ?? null,
    versionId,
    page.url,
    page.title ?? null,
    page.etag ?? null,
    page.lastModified ?? null,
    page.contentType ?? null,
    page.sourceContentType ?? null,
    page.depth ?? null,
    page.createdAt === undefined ? createdAt : page.createdAt,
    page.updatedAt === undefined ? now : page.updatedAt,
  ]).lastInsertRowid;
}

export function deletePage(context: MutationContext, { page }: DeletePage): MutationResults['deletePage'] {
  const { driver, chunks } = context;
  const pageId = findPageId(driver, page);
  const owner = pageId === null ? undefined : driver.first<{ version_id: number }>(VERSION_OF_PAGE, [pageId]);
  if (pageId === null || owner === undefined) return { pagesDeleted: 0, chunksDeleted: 0 };
  const chunksDeleted = chunks.deleteOfPage(pageId, owner.version_id);
  return { pagesDeleted: driver.run(DELETE_PAGE, [pageId]).changes, chunksDeleted };
}

export function deletePages(
  context: MutationContext,
  { version, filter }: DeletePages,
): MutationResults['deletePages'] {
  const { driver, chunks } = context;
  const versionId = existingVersionId(context, version);
  if (versionId === null) return { pagesDeleted: 0, chunksDeleted: 0 };
  if (filter === undefined) {
    const chunksDeleted = chunks.deleteOfVersions([versionId]);
    return { pagesDeleted: driver.run(DELETE_PAGES, [versionId]).changes, chunksDeleted };
  }
  const { urlPrefix, notUpdatedSince } = normalizePageFilter(filter);
  const pageIds = driver
    .all<{ id: PageId }>(MATCHING_PAGES, [versionId, urlPrefix, notUpdatedSince])
    .map(({ id }) => id);
  if (pageIds.length === 0) return { pagesDeleted: 0, chunksDeleted: 0 };
  const chunksDeleted = chunks.deleteOfPages(pageIds, versionId);
  return { pagesDeleted: driver.run(DELETE_PAGES_BY_ID, [JSON.stringify(pageIds)]).changes, chunksDeleted };
}
