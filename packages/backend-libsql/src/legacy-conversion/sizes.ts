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
  const vectors = counts.embeddings * ((dimension ?? 0) * (Float32Array.BYTES_PER_ELEMENT + 1) + 16);
  const rows = counts.chunks * 120 + counts.pages * 500 + counts.versions * 2000;
  return Math.ceil(1.15 * (counts.textBytes + counts.wordBytes + vectors) + rows + 1024 * 1024);
}

/** How many MiB the 8-bit codes of so many vectors take in memory at most, with what stands beside them; from 8. */
export function mebibytesOfCodes(vectors: number, dimension: number): number {
  return Math.max(8, Math.ceil((2 * vectors * (dimension + 64)) / 2 ** 20));
}
