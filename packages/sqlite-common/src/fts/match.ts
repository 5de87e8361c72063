import type { ChunkId, VersionId } from '@switchyard/storage-core';
import {
  checkFtsQuery,
  defaultFtsWeights,
  type FtsHit,
  type FtsQuery,
} from '@switchyard/storage-core/backend';
import type { SqliteDriver } from '../driver.js';
import { ftsExpression, toWords } from './expression.js';
import { MAX_WORDS_AT_ONCE, toParts } from './long-query.js';

/**
 * The full-text query of a store: two whole statements, because stores tell the version of a chunk in different ways.
 * Both take: ?1 the FTS5 expression, ?2 the version, ?3 the limit, ?4 to ?7 the weights of content, title, url, path.
 * Both give `id` and `score` (−bm25), by score descending, then by id.
 */
export interface MatchStatements {
  readonly all: string;
  /** Without chunks that only give structure. */
  readonly withoutStructural: string;
}

/**
 * The best matches of a version. The version is known to exist or not: an unknown one simply has no hits. Called inside
 * a read transaction.
 */
export function match(
  driver: SqliteDriver,
  statements: MatchStatements,
  versionId: VersionId,
  query: Omit<FtsQuery, 'version'>,
): FtsHit[] {
  const { terms, limit, weights = defaultFtsWeights, excludeStructural = false } = query;
  checkFtsQuery({ ...query, version: { versionId } });
  const words = toWords(terms);
  const expression = ftsExpression(words);
  if (expression === null || limit === 0) return [];
  const statement = excludeStructural ? statements.withoutStructural : statements.all;
  const { content, title, url, path } = weights;
  const find = (part: string, most: number): FtsHit[] =>
    driver
      .all<{ id: ChunkId; score: number }>(statement, [part, versionId, most, content, title, url, path])
      .map(({ id, score }) => ({ chunkId: id, score }));
  return words.length <= MAX_WORDS_AT_ONCE ? find(expression, limit) : matchInParts(words, limit, find);
}

/** The same for a query of more words than FTS5 can be given at once; `find` gives the hits of one part. */
export function matchInParts(
  words: readonly string[],
  limit: number,
  find: (expression: string, limit: number) => FtsHit[],
): FtsHit[] {
  const scores = new Map<ChunkId, number>();
  for (const { expression, times } of toParts(words)) {
    for (const { chunkId, score } of find(expression, Number.MAX_SAFE_INTEGER)) {
      scores.set(chunkId, (scores.get(chunkId) ?? 0) + times * score);
    }
  }
  return [...scores]
    .map(([chunkId, score]) => ({ chunkId, score }))
    .sort((a, b) => b.score - a.score || a.chunkId - b.chunkId)
    .slice(0, limit);
}
