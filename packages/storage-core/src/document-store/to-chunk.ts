import type { ChunkId } from '../values/ids.js';
import type { ChunkRecord } from '../values/records.js';
import type { Chunk } from './types.js';

/** A stored chunk as applications see it. */
export function toChunk({ createdAt: _, id, ...record }: ChunkRecord): Chunk {
  return { id: String(id), ...record };
}

/** The id behind an application's chunk id; null for a text that no store hands out. */
export function toChunkId(id: string): ChunkId | null {
  const number = /^[1-9]\d*$/.test(id) ? Number(id) : Number.NaN;
  return Number.isSafeInteger(number) ? number : null;
}
