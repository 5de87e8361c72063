import { type IndexedText, indexText, packPlaces } from '@switchyard/fts-text';
import type { ChunkInput, PageInput, ReplacePage, Timestamp } from '@switchyard/storage-core';
import { type MutationResults, sqlTimestamp } from '@switchyard/storage-core/backend';
import type { Transaction } from '../database/session.js';
import { keyOf, realArray, textArray } from '../database/text.js';
import { isExtreme } from '../ports/rough-distance.js';
import { INSERT_CHUNKS, INSERT_PAGE, INSERT_POSTINGS, PAGE_LIKE, UPDATE_PAGE } from '../sql/writes.js';
import { deleteChunks } from './deletions.js';
import { assignId, clash } from './ids.js';

/** A chunk with its id and its entries in the full-text index. */
interface NewChunk extends ChunkInput {
  readonly id: number;
  readonly index: IndexedText;
}

/** Replaces the chunks of a page, which is created if absent. @throws StorageError `STORAGE_CONSTRAINT` */
export async function replacePage(
  transaction: Transaction,
  versionId: number,
  { page, chunks }: Pick<ReplacePage, 'page' | 'chunks'>,
): Promise<MutationResults['replacePage']> {
  const pageId = await putPage(transaction, versionId, page);
  const chunksReplaced = await deleteChunks(transaction, [pageId]);
  const added = chunks.map((chunk) => newChunk(transaction, page, chunk));
  if (added.length > 0) await insertChunks(transaction, versionId, pageId, added);
  await transaction.changes.pages([pageId]);
  return { versionId, pageId, chunkIds: added.map(({ id }) => id), chunksReplaced };
}

async function putPage({ query, state }: Transaction, versionId: number, page: PageInput): Promise<number> {
  const {
    url,
    title = null,
    etag = null,
    lastModified = null,
    contentType = null,
    sourceContentType = null,
  } = page;
  const { depth = null, createdAt, updatedAt = sqlTimestamp() } = page;
  const columns = [title, etag, lastModified, contentType, sourceContentType, depth];
  const key = keyOf(url);
  const [known] = await query<{ id: number; createdAt: Timestamp | null }>(PAGE_LIKE, [versionId, key]);
  if (known === undefined) {
    const id = assignId(state, page.id);
    const created = createdAt === undefined ? sqlTimestamp() : createdAt;
    await query(INSERT_PAGE, [id, versionId, url, key, ...columns, created, updatedAt]);
    return id;
  }
  if (page.id !== undefined && page.id !== known.id) {
    clash(`The page ${url} has the id ${known.id}, not ${page.id}.`);
  }
  const created = createdAt === undefined ? known.createdAt : createdAt;
  await query(UPDATE_PAGE, [known.id, ...columns, created, updatedAt]);
  return known.id;
}

function newChunk({ state }: Transaction, { url, title }: PageInput, chunk: ChunkInput): NewChunk {
  const { content, metadata } = chunk;
  const index = indexText({ content, title, url, path: metadata.path });
  return { ...chunk, id: assignId(state, chunk.id), index };
}

/** Inserts all chunks by one statement, and all postings by another. An id in use is refused by the primary key. */
async function insertChunks(
  { query, state }: Transaction,
  versionId: number,
  pageId: number,
  chunks: readonly NewChunk[],
): Promise<void> {
  await query(INSERT_CHUNKS, [
    pageId,
    versionId,
    chunks.map(({ id }) => id),
    chunks.map(({ sortOrder }, place) => sortOrder ?? place),
    chunks.map(({ content }) => content),
    chunks.map(({ metadata }) => JSON.stringify(metadata)),
    chunks.map(({ metadata }) => textArray(metadata.types)),
    chunks.map(({ metadata }) => textArray(metadata.path)),
    chunks.map(({ index }) => index.length),
    chunks.map(({ createdAt }) => (createdAt === undefined ? sqlTimestamp() : createdAt)),
    chunks.map(({ vector }) => (vector === null ? null : realArray(vector))),
    chunks.map(({ vector }) => vector !== null && isExtreme(vector)),
  ]);
  const postings = chunks.flatMap(({ id, index }) => index.terms.map((posting) => ({ ...posting, id })));
  await query(INSERT_POSTINGS, [
    versionId,
    postings.map(({ term }) => term),
    postings.map(({ id }) => id),
    postings.map(({ places }) => packPlaces(places)),
  ]);
  state.chunks += chunks.length;
  state.tokens += chunks.reduce((sum, { index }) => sum + index.length, 0);
}
