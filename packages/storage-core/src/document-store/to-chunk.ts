import type { ChunkId } from '../values/ids.js';
import type { ChunkRecord } from '../values/records.js';
import type { Chunk } from './types.js';

/** Converts a stored chunk to the form that applications see. */
export function toChunk({ createdAt: _, id, ...record }: ChunkRecord): Chunk {
  return { id: String(id), ...record };
}

/** Parses a chunk id of an application; null for a text that no store returns. */
export function toChunkId(id: string): ChunkId | null {
  const number = /^[1-9]\d*$/.test(id) ? Number(id) : Number.NaN;
  return Number.isSafeInteger(number) ? number : null;
}
