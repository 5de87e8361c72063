import { type SearchHit, snippet } from '@switchyard/storage-core';
import type { Colors } from './colors.js';
import { printable } from './plain-text.js';

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

/** Formats hits for people: heading path, URL, score, ranks and an excerpt with the matches in bold. */
export function formatHits(hits: readonly SearchHit[], text: string, colors: Colors): string {
  // Where the color function puts its codes; nowhere without colors.
  const [before = '', after = ''] = colors.bold('|').split('|');
  const form = { marks: [before, after], escapeText: printable } as const;
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
        `   ${colors.dim(`score ${formatScore(hit.score)}, ${ranks.join(', ')}, chunk ${hit.id}`)}`,
        `   ${snippet(hit.content, text, form)}`,
      ].join('\n');
    })
    .join('\n\n');
}

/** Four decimals, or two significant digits of a smaller score: bm25 of a word in most chunks is about 1e-6. */
function formatScore(score: number): string {
  return score === 0 || Math.abs(score) >= 0.0001 ? score.toFixed(4) : score.toExponential(1);
}
