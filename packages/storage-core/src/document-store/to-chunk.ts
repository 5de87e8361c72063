import type { Relatives } from '../ports/catalog.js';
import type { ChunkId } from '../values/ids.js';
import { type ChunkRecord, toIsoTimestamp } from '../values/records.js';
import type { Chunk, ChunkContext } from './types.js';

/** Converts a stored chunk to the form that applications see. */
export function toChunk({ createdAt, id, ...record }: ChunkRecord): Chunk {
  return { id: String(id), ...record, createdAt: createdAt === null ? null : toIsoTimestamp(createdAt) };
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
