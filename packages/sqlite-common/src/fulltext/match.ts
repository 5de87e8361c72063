import {
  checkFtsQuery,
  defaultFtsWeights,
  type FtsHit,
  type FtsQuery,
  type VersionId,
} from '@switchyard/storage-core';
import type { SqliteDriver } from '../driver.js';
import { ftsExpression } from './expression.js';

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

/** The best matches of a version. The version is known to exist or not: an unknown one simply has no hits. */
export function match(
  driver: SqliteDriver,
  statements: MatchStatements,
  versionId: VersionId,
  query: Omit<FtsQuery, 'version'>,
): FtsHit[] {
  const { terms, limit, weights = defaultFtsWeights, excludeStructural = false } = query;
  checkFtsQuery({ ...query, version: { versionId } });
  const expression = ftsExpression(terms);
  if (expression === null || limit === 0) return [];
  const statement = excludeStructural ? statements.withoutStructural : statements.all;
  const { content, title, url, path } = weights;
  return driver
    .all<{ id: number; score: number }>(statement, [expression, versionId, limit, content, title, url, path])
    .map(({ id, score }) => ({ chunkId: id, score }));
}
