import { fts5Expression, searchWords } from '@switchyard/fts-text';
import type { ChunkId, VersionId } from '@switchyard/storage-core';
import {
  checkFtsQuery,
  defaultFtsWeights,
  type FtsHit,
  type FtsQuery,
} from '@switchyard/storage-core/backend';
import { idsValue } from '../candidates/passing-chunks.js';
import type { SqliteDriver } from '../driver.js';
import { MAX_WORDS_AT_ONCE, toParts } from './long-query.js';

/**
 * Full-text query of a store, as two complete statements, because stores link chunks to versions differently. Both
 * take: ?1 the FTS5 expression, ?2 the version, ?3 the limit, ?4 to ?7 the weights of content, title, url, path, ?8 a JSON
 * array of the ids that may be hits, null for all. Both
 * return `id` and `score` (−bm25), by descending score, then by id.
 */
export interface MatchStatements {
  readonly all: string;
  /** Excludes chunks that only provide structure. */
  readonly withoutStructural: string;
}

/**
 * Returns the best matches of a version, none if it does not exist. Called inside a read transaction.
 *
 * @param passing Chunks that pass the filter of the query; null without one.
 */
export function match(
  driver: SqliteDriver,
  statements: MatchStatements,
  versionId: VersionId,
  query: Omit<FtsQuery, 'version'>,
  passing: ReadonlySet<ChunkId> | null = null,
): FtsHit[] {
  const { terms, limit, weights = defaultFtsWeights, excludeStructural = false } = query;
  checkFtsQuery({ ...query, version: { versionId } });
  const words = searchWords(terms);
  const expression = fts5Expression(words);
  if (expression === null || limit === 0) return [];
  const statement = excludeStructural ? statements.withoutStructural : statements.all;
  const { content, title, url, path } = weights;
  const ids = idsValue(passing);
  const find = (part: string, most: number): FtsHit[] =>
    driver
      .all<{ id: ChunkId; score: number }>(statement, [part, versionId, most, content, title, url, path, ids])
      .map(({ id, score }) => ({ chunkId: id, score }));
  return words.length <= MAX_WORDS_AT_ONCE ? find(expression, limit) : matchInParts(words, limit, find);
}

/**
 * Like {@link match}, for queries with more words than FTS5 can handle at once; `find` returns the hits of one part.
 */
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
