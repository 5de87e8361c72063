import type { Relatives } from '../ports/catalog.js';
import type { ChunkId } from '../values/ids.js';
import { type ChunkRecord, toIsoTimestamp } from '../values/records.js';
import type { Chunk, ChunkContext } from './types.js';

/** Converts a stored chunk to the form that applications see. */
export function toChunk(chunk: ChunkRecord): Chunk {
  // Listed, because spreading the rest of a record costs as much as a search statement for ten hits.
  return {
    id: String(chunk.id),
    pageId: chunk.pageId,
    versionId: chunk.versionId,
    url: chunk.url,
    title: chunk.title,
    contentType: chunk.contentType,
    sourceContentType: chunk.sourceContentType,
    content: chunk.content,
    metadata: chunk.metadata,
    sortOrder: chunk.sortOrder,
    createdAt: chunk.createdAt === null ? null : toIsoTimestamp(chunk.createdAt),
  };
}

/** Converts the relatives of a chunk to the form that applications see. */
export function toContext({ parent, ...lists }: Relatives): ChunkContext {
  return {
    parent: parent === null ? null : toChunk(parent),
    children: lists.children.map(toChunk),
    precedingSiblings: lists.precedingSiblings.map(toChunk),
    subsequentSiblings: lists.subsequentSiblings.map(toChunk),
  };
}

/** Parses a chunk id of an application; null for a text that no store returns. */
export function toChunkId(id: string): ChunkId | null {
  const number = /^[1-9]\d*$/.test(id) ? Number(id) : Number.NaN;
  return Number.isSafeInteger(number) ? number : null;
}
