import { statSync } from 'node:fs';
import type { LegacyCounts } from './source/counts.js';

/** Bytes of a file; 0 when it is not there. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/**
 * About how many bytes the converted store takes, rather too many than too few: texts and words as they are, vectors as
 * float32 and as 8-bit codes, rows and indexes beside them, and what does not fit into pages.
 */
export function expectedBytes(counts: LegacyCounts, dimension: number | null): number {
  const vector = dimension === null ? 0 : bytesInPages(dimension * Float32Array.BYTES_PER_ELEMENT + 8);
  const codes = dimension === null ? 0 : dimension + 32;
  const rows = counts.chunks * 120 + counts.pages * 500 + counts.versions * 2000;
  const texts = 1.15 * (counts.textBytes + counts.wordBytes);
  return Math.ceil(texts + (counts.embeddings + counts.indexOnly) * (vector + codes) + rows + 1024 * 1024);
}

/** A row of a table with what it leaves unused: see "B-tree Cell Format" in the description of SQLite's file format. */
function bytesInPages(payload: number): number {
  const page = 4096;
  const most = page - 35;
  const least = Math.floor(((page - 12) * 32) / 255) - 23;
  if (payload <= most) return page / Math.floor((page - 8) / (payload + 10));
  const rest = least + ((payload - least) % (page - 4));
  const local = rest <= most ? rest : least;
  return page / Math.floor((page - 8) / (local + 10)) + (page * (payload - local)) / (page - 4);
}
