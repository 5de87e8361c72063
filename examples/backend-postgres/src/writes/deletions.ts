import type { LibraryRecord, LibraryRef, PageFilter, PageRef, RemoveVersion } from '@switchyard/storage-core';
import {
  type MutationResults,
  normalizePageFilter,
  normalizePageRef,
  passesPageFilter,
} from '@switchyard/storage-core/backend';
import type { Transaction } from '../database/session.js';
import { keyOf } from '../database/text.js';
import { findVersionId, libraryParameters } from '../references.js';
import { LIBRARIES, LIBRARY, PAGE_BY_ID } from '../sql/catalog.js';
import * as sql from '../sql/writes.js';

/** A page as the rules of a deletion see it. */
interface PageRow {
  readonly id: number;
  readonly url: string;
  readonly updatedAt: string | null;
}

type Counts = MutationResults['deletePages'];

/** Deletes the chunks of pages with what belongs to them, and returns their number. */
export async function deleteChunks(
  { query, state }: Transaction,
  pageIds: readonly number[],
): Promise<number> {
  const [gone] = await query<{ readonly chunks: number; readonly tokens: number }>(sql.DELETE_CHUNKS, [
    pageIds,
  ]);
  const { chunks = 0, tokens = 0 } = gone ?? {};
  state.chunks -= chunks;
  state.tokens -= tokens;
  return chunks;
}

/** Deletes a page. */
export async function deletePage(transaction: Transaction, ref: PageRef): Promise<Counts> {
  const normal = normalizePageRef(ref);
  const pages = await ('pageId' in normal
    ? transaction.query<PageRow>(PAGE_BY_ID, [normal.pageId])
    : pageByUrl(transaction, normal));
  return deleteById(transaction, pages);
}

async function pageByUrl(
  { query }: Transaction,
  { version, url }: Exclude<PageRef, { readonly pageId: number }>,
) {
  const versionId = await findVersionId(query, version);
  return query<{ readonly id: number }>(sql.PAGE_LIKE, [versionId, keyOf(url)]);
}

/** Deletes the pages of a version, all or those that pass a filter. @param versionId Null deletes nothing. */
export async function deletePages(
  transaction: Transaction,
  versionId: number | null,
  filter: PageFilter | undefined,
): Promise<Counts> {
  const pages = await transaction.query<PageRow>(sql.PAGES_OF_VERSION, [versionId]);
  const normal = filter === undefined ? null : normalizePageFilter(filter);
  return deleteById(
    transaction,
    normal === null ? pages : pages.filter((page) => passesPageFilter(normal, page)),
  );
}

async function deleteById(
  transaction: Transaction,
  pages: readonly { readonly id: number }[],
): Promise<Counts> {
  if (pages.length === 0) return { pagesDeleted: 0, chunksDeleted: 0 };
  const ids = pages.map(({ id }) => id);
  await transaction.changes.pages(ids);
  const chunksDeleted = await deleteChunks(transaction, ids);
  await transaction.query(sql.DELETE_PAGES, [ids]);
  return { pagesDeleted: ids.length, chunksDeleted };
}

/** Deletes a version and, unless told not to, its library if that was the last one. */
export async function removeVersion(
  transaction: Transaction,
  { version, removeLibrary: removesLibrary = true }: RemoveVersion,
): Promise<MutationResults['removeVersion']> {
  const { query, changes } = transaction;
  const versionId = await findVersionId(query, version);
  if (versionId === null) return { chunksDeleted: 0, versionDeleted: false, libraryDeleted: false };
  const [found] = await query<{ readonly libraryId: number }>(sql.VERSIONS_LIKE, [versionId, null, null]);
  const { chunksDeleted } = await deletePages(transaction, versionId, undefined);
  await changes.version(versionId);
  await query(sql.DELETE_VERSION, [versionId]);
  const others = await query(sql.VERSIONS_OF_LIBRARY, [found?.libraryId]);
  const libraryDeleted = removesLibrary && others.length === 0;
  if (libraryDeleted) {
    await changes.library(found?.libraryId);
    await query(sql.DELETE_LIBRARY, [found?.libraryId]);
  }
  return { chunksDeleted, versionDeleted: true, libraryDeleted };
}

/** Deletes a library with its versions. */
export async function removeLibrary(
  transaction: Transaction,
  ref: LibraryRef,
): Promise<MutationResults['removeLibrary']> {
  const counts = { versionsDeleted: 0, pagesDeleted: 0, chunksDeleted: 0 };
  const [library] = await transaction.query<LibraryRecord>(LIBRARY, libraryParameters(ref));
  if (library === undefined) return { ...counts, libraryDeleted: false };
  for (const { id } of await transaction.query<{ readonly id: number }>(sql.VERSIONS_OF_LIBRARY, [
    library.id,
  ])) {
    const { pagesDeleted, chunksDeleted } = await deletePages(transaction, id, undefined);
    await transaction.changes.version(id);
    await transaction.query(sql.DELETE_VERSION, [id]);
    counts.versionsDeleted += 1;
    counts.pagesDeleted += pagesDeleted;
    counts.chunksDeleted += chunksDeleted;
  }
  await transaction.changes.library(library.id);
  await transaction.query(sql.DELETE_LIBRARY, [library.id]);
  return { ...counts, libraryDeleted: true };
}

/** Deletes all libraries. */
export async function clearStore(transaction: Transaction): Promise<MutationResults['clear']> {
  const counts = { librariesDeleted: 0, versionsDeleted: 0, pagesDeleted: 0, chunksDeleted: 0 };
  for (const { id } of await transaction.query<LibraryRecord>(LIBRARIES)) {
    const removed = await removeLibrary(transaction, { libraryId: id });
    counts.librariesDeleted += 1;
    counts.versionsDeleted += removed.versionsDeleted;
    counts.pagesDeleted += removed.pagesDeleted;
    counts.chunksDeleted += removed.chunksDeleted;
  }
  return counts;
}
