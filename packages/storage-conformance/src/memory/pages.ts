import { indexText } from '@switchyard/fts-text';
import type { ChunkInput, PageId, PageInput, PageRecord, VersionRecord } from '@switchyard/storage-core';
import { type MutationResults, sqlTimestamp, toPageRow } from '@switchyard/storage-core/backend';
import type { StoredChunk, Tables } from './tables.js';
import { clash, plainCopy } from './values.js';

/** Replaces the chunks of a page, creating the page if needed. @throws StorageError `STORAGE_CONSTRAINT` */
export function replacePage(
  tables: Tables,
  version: VersionRecord,
  input: PageInput,
  chunks: readonly ChunkInput[],
): MutationResults['replacePage'] {
  const page = putPage(tables, version, input);
  const chunksReplaced = deleteChunks(tables, page.id);
  const chunkIds = chunks.map((chunk, index) => {
    const id = chunk.id === undefined ? tables.nextId('chunk') : tables.useId(chunk.id);
    if (tables.chunks.has(id)) clash(`The id ${id} belongs to another chunk.`);
    tables.chunks.set(id, storedChunk(id, page, chunk, index));
    return id;
  });
  return { versionId: version.id, pageId: page.id, chunkIds, chunksReplaced };
}

/** Deletes a page with its chunks and returns their number. */
export function deletePage(tables: Tables, pageId: PageId): number {
  tables.pages.delete(pageId);
  return deleteChunks(tables, pageId);
}

function putPage(tables: Tables, version: VersionRecord, input: PageInput): PageRecord {
  const known = tables.pagesOf(version.id).find((page) => page.url === input.url);
  if (known !== undefined && input.id !== undefined && input.id !== known.id) {
    clash(`The page ${input.url} has the id ${known.id}, not ${input.id}.`);
  }
  if (known === undefined && input.id !== undefined && tables.pages.has(input.id)) {
    clash(`The id ${input.id} belongs to another page.`);
  }
  const id = known?.id ?? (input.id === undefined ? tables.nextId('page') : tables.useId(input.id));
  const page = toPageRow(id, version.id, input, known);
  tables.pages.set(page.id, page);
  return page;
}

function deleteChunks(tables: Tables, pageId: PageId): number {
  const chunks = tables.chunksOf(pageId);
  for (const chunk of chunks) {
    tables.chunks.delete(chunk.id);
    tables.staging?.vectors.delete(chunk.id);
  }
  return chunks.length;
}

function storedChunk(id: number, page: PageRecord, input: ChunkInput, index: number): StoredChunk {
  return {
    id,
    pageId: page.id,
    content: input.content,
    metadata: plainCopy(input.metadata),
    sortOrder: input.sortOrder ?? index,
    createdAt: input.createdAt === undefined ? sqlTimestamp() : input.createdAt,
    vector: input.vector === null ? null : input.vector.slice(),
    indexed: indexText({
      content: input.content,
      title: page.title,
      url: page.url,
      path: input.metadata.path,
    }),
  };
}
