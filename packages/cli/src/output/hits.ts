import { parseSearchText, type SearchHit } from '@switchyard/storage-core';
import type { Colors } from './colors.js';
import { printable, snippet } from './plain-text.js';

/** A hit as printed for programs; a rank is null if that list did not contain the chunk. */
export interface HitRecord {
  readonly id: number;
  readonly url: string;
  readonly score: number;
  readonly vecRank: number | null;
  readonly ftsRank: number | null;
}

/** Returns the identifying part of a hit and its ranking. */
export function toHitRecord({ id, url, score, vecRank, ftsRank }: SearchHit): HitRecord {
  return { id: Number(id), url, score, vecRank: vecRank ?? null, ftsRank: ftsRank ?? null };
}

/** Formats hits for people: heading path, URL, score, ranks and an excerpt. */
export function formatHits(hits: readonly SearchHit[], text: string, colors: Colors): string {
  const words = parseSearchText(text);
  return hits
    .map((hit, index) => {
      const path = hit.metadata.path.length === 0 ? (hit.title ?? hit.url) : hit.metadata.path.join(' › ');
      const ranks = [
        hit.vecRank === undefined ? null : `vector #${hit.vecRank}`,
        hit.ftsRank === undefined ? null : `full-text #${hit.ftsRank}`,
      ].filter((rank) => rank !== null);
      return [
        `${index + 1}. ${colors.bold(printable(path))}`,
        `   ${colors.cyan(printable(hit.url))}`,
        `   ${colors.dim(`score ${hit.score.toFixed(4)}, ${ranks.join(', ')}, chunk ${hit.id}`)}`,
        `   ${snippet(hit.content, words)}`,
      ].join('\n');
    })
    .join('\n\n');
}
