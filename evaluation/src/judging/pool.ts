import { createHash } from 'node:crypto';
import type { DocumentStore, SearchHit, SearchOptions } from '@switchyard/storage-core';
import type { Question } from './questions.js';

/** A page to judge, with the piece of it that a search found. */
export interface Candidate {
  readonly url: string;
  /** Headings above the piece. */
  readonly heading: string;
  readonly excerpt: string;
}

/** Number of pages that each way of searching adds to the pool. */
const DEPTH = 4;
const EXCERPT_LENGTH = 420;

/** Searches whose best pages are pooled, so that no way of searching is favored by the judgments. */
const ways: readonly SearchOptions[] = [
  {},
  { fusion: { rule: 'reciprocal-rank', vectorWeight: 0 } },
  { fusion: { rule: 'reciprocal-rank', ftsWeight: 0 } },
];

/** Returns the pages to judge for a question: the best of every way of searching, in an order that tells nothing. */
export async function poolCandidates(
  store: DocumentStore,
  version: string,
  question: Question,
  pass: number,
): Promise<Candidate[]> {
  const found = new Map<string, SearchHit>();
  for (const way of ways) {
    const hits = await store.search(question.library, version, question.text, { ...way, limit: 30 });
    const pages = new Map<string, SearchHit>();
    for (const hit of hits) {
      if (!pages.has(hit.url)) pages.set(hit.url, hit);
    }
    for (const [url, hit] of [...pages].slice(0, DEPTH)) {
      if (!found.has(url)) found.set(url, hit);
    }
  }
  const order = (url: string) => createHash('sha256').update(`${pass} ${question.id} ${url}`).digest('hex');
  return [...found.values()]
    .sort((a, b) => (order(a.url) < order(b.url) ? -1 : 1))
    .map(({ url, metadata, content }) => ({
      url,
      heading: metadata.path.join(' › '),
      excerpt: content.replaceAll(/\s+/g, ' ').slice(0, EXCERPT_LENGTH),
    }));
}
