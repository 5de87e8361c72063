import { type DocumentStore, type Embedder, embedQueries, type SearchHit } from '@switchyard/storage-core';
import type { Documentation } from './documentation.js';
import type { Question } from './questions.js';
import type { Stores } from './stores.js';

/** Answers of both stores to one question. */
export interface Comparison {
  readonly question: Question;
  readonly source: readonly SearchHit[];
  readonly libsql: readonly SearchHit[];
  /** Number of hits that the top 5 of both stores have in common. */
  readonly overlap: number;
  /** True if the top 5 are the same, in the same order. */
  readonly identical: boolean;
}

/** Duration of the searches in milliseconds, without embedding the question. */
export interface Latency {
  readonly sourceMedian: number;
  readonly libsqlMedian: number;
  readonly searchesEach: number;
}

const LIMIT = 5;
/** Searches per question and store. The first one fills caches and is not counted. */
const ROUNDS = 8;

/** Runs all questions on both stores, alternating between them. */
export async function compareAnswers(
  { source, libsql }: Stores,
  documentation: readonly Documentation[],
  questions: readonly Question[],
  embedder: Embedder,
  signal: AbortSignal,
): Promise<{ comparisons: Comparison[]; latency: Latency }> {
  const comparisons: Comparison[] = [];
  const sourceTimes: number[] = [];
  const libsqlTimes: number[] = [];
  const vectors = await embedQueries(
    embedder,
    questions.map(({ text }) => text),
    { signal },
  );
  for (const [index, question] of questions.entries()) {
    const version = documentation.find(({ library }) => library === question.library)?.version ?? '';
    const ask = (store: DocumentStore) =>
      store.search(question.library, version, question.text, {
        limit: LIMIT,
        vector: vectors[index],
        signal,
      });
    const answers = { source: await ask(source), libsql: await ask(libsql) };
    for (let round = 1; round < ROUNDS; round++) {
      sourceTimes.push(await time(() => ask(source)));
      libsqlTimes.push(await time(() => ask(libsql)));
    }
    comparisons.push({ question, ...answers, ...agreement(answers.source, answers.libsql) });
  }
  const latency = {
    sourceMedian: median(sourceTimes),
    libsqlMedian: median(libsqlTimes),
    searchesEach: sourceTimes.length,
  };
  return { comparisons, latency };
}

/** Compares two answers. Copies have the ids of their originals. */
export function agreement(
  a: readonly Pick<SearchHit, 'id'>[],
  b: readonly Pick<SearchHit, 'id'>[],
): { overlap: number; identical: boolean } {
  const ids = new Set(b.map(({ id }) => id));
  return {
    overlap: a.filter(({ id }) => ids.has(id)).length,
    identical: a.length === b.length && a.every(({ id }, place) => id === b[place]?.id),
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? 0;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? upper) + upper) / 2 : upper;
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
