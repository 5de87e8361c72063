import { statSync } from 'node:fs';
import type { LegacyCounts } from './source/counts.js';

/** Size of a file in bytes; 0 if it does not exist. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/**
 * Estimated size of the converted store in bytes, rather too large than too small: texts and full-text index unchanged,
 * vectors as float32 and as 8-bit codes, rows and indexes, and unused space in pages.
 */
export function expectedBytes(counts: LegacyCounts, dimension: number | null): number {
  const vector = dimension === null ? 0 : bytesInPages(dimension * Float32Array.BYTES_PER_ELEMENT + 8);
  const codes = dimension === null ? 0 : dimension + 32;
  const rows = counts.chunks * 120 + counts.pages * 500 + counts.versions * 2000;
  const texts = 1.15 * (counts.textBytes + counts.wordBytes);
  return Math.ceil(texts + (counts.embeddings + counts.indexOnly) * (vector + codes) + rows + 1024 * 1024);
}

/** Size of a table row including unused space: see "B-tree Cell Format" in the description of SQLite's file format. */
function bytesInPages(payload: number): number {
  const page = 4096;
  const most = page - 35;
  const least = Math.floor(((page - 12) * 32) / 255) - 23;
  if (payload <= most) return page / Math.floor((page - 8) / (payload + 10));
  const rest = least + ((payload - least) % (page - 4));
  const local = rest <= most ? rest : least;
  return page / Math.floor((page - 8) / (local + 10)) + (page * (payload - local)) / (page - 4);
}
