import { quantile } from '../statistics/intervals.js';
import type { Answer, ComparedChunk, Comparison } from '../types.js';
import { excerptOf } from './excerpt.js';
import type { PageAnswer, PageChunk, PageData } from './page-data.js';

/** Prepares a comparison for the page, with excerpts of at most `length` characters. */
export function toPageData(
  { stores, queries, chunks }: Pick<Comparison, 'stores' | 'queries' | 'chunks'>,
  length: number,
): PageData {
  const keys = new Map<string, number>();
  const texts = new Map<number, string>();
  const toAnswer = ({ hits, error, milliseconds }: Answer, text: string): PageAnswer => ({
    hits: hits.map(({ key, chunk, score, vecRank, ftsRank }) => {
      if (!keys.has(key)) keys.set(key, keys.size);
      if (!texts.has(chunk)) texts.set(chunk, text);
      return [keys.get(key) as number, chunk, Number(score.toPrecision(9)), vecRank, ftsRank];
    }),
    error: error === null ? null : `${error.code}: ${error.message}`,
    ms: milliseconds.length === 0 ? null : Number(quantile(milliseconds, 0.5).toPrecision(4)),
  });
  const shown = queries.map(({ library, version, text, intent, answers, pairs }) => ({
    where: version === '' ? library : `${library}@${version}`,
    text,
    intent,
    answers: answers.map((answer) => toAnswer(answer, text)),
    pairs: pairs.map(({ relation, overlap, rankBiasedOverlap }) => ({
      relation,
      overlap: Number(overlap.toFixed(4)),
      rankBiasedOverlap: Number(rankBiasedOverlap.toFixed(4)),
    })),
  }));
  return {
    stores: stores.map(({ name, location }) => ({ name, label: location })),
    queries: shown,
    chunks: chunks.map((chunk, index) => toPageChunk(chunk, texts.get(index) ?? '', length)),
    versions: [],
  };
}

function toPageChunk({ url, title, path, content }: ComparedChunk, text: string, length: number): PageChunk {
  const heading = path.length === 0 ? (title ?? url) : path.join(' › ');
  return { url, title: heading.slice(0, 200), text: excerptOf(content, text, length) };
}
