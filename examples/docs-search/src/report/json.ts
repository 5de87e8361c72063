import type { SearchHit } from '@switchyard/storage-core';
import type { DemoResult } from './result.js';

/** Formats the result as one JSON object. */
export function toJson(result: DemoResult, seconds: number): string {
  const { documentation, comparisons, model, dimension, ...rest } = result;
  const report = {
    embedding: { model, dimension },
    documentation: documentation.map(({ library, version, pages, chunks, leftOut }) => ({
      library,
      version,
      pages: pages.length,
      chunks,
      pagesLeftOut: leftOut,
    })),
    questions: comparisons.map(({ question, source, libsql, overlap, identical }) => ({
      ...question,
      overlap,
      identical,
      source: source.map(toHit),
      libsql: libsql.map(toHit),
    })),
    ...rest,
    seconds,
  };
  return JSON.stringify(report, null, 2);
}

function toHit({ id, url, title, metadata, score, vecRank, ftsRank }: SearchHit) {
  return { id, url, title, path: metadata.path, score, vecRank, ftsRank };
}
