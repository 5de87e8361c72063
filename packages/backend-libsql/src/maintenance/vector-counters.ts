import { integer, type SqliteDriver } from '@switchyard/sqlite-common';
import type { VersionId } from '@switchyard/storage-core';
import type { DamageList } from '@switchyard/storage-core/backend';
import { readGeneration, writeGeneration } from '../vectors/generations.js';

export const CORRECT_GENERATIONS = 'Increase the generations of the vectors, and rewrite their codes.';

const WRONG = `
  SELECT version_id AS id
  FROM vector_generations
  WHERE generation < 0 OR coded < 0 OR base < 0 OR coded > generation OR base > generation`;

const UNCOUNTED = `
  SELECT DISTINCT ${integer('version_id', 'id')}
  FROM document_vectors
  WHERE version_id NOT IN (SELECT version_id FROM vector_generations)`;

const CODES_AHEAD = `
  SELECT DISTINCT ${integer('vector_codes.version_id', 'id')}
  FROM vector_codes
  JOIN vector_generations ON vector_generations.version_id = vector_codes.version_id
  WHERE vector_codes.last_generation > vector_generations.generation`;

/** Reports versions whose counters cannot be right. */
export function checkGenerations(driver: SqliteDriver, list: DamageList, hasVectors: boolean): void {
  for (const id of wrongVersions(driver, hasVectors))
    list.add({
      code: 'generation',
      detail: 'The counters of vector changes contradict the vectors or their codes.',
      example: `version ${id}`,
      repair: CORRECT_GENERATIONS,
    });
}

/** Increases the counters beyond every value seen. Must run in a write transaction; codes must then be rewritten. */
export function correctGenerations(driver: SqliteDriver): void {
  for (const id of wrongVersions(driver, true)) {
    const { generation, coded, base } = readGeneration(driver, id);
    const ahead = driver.first<{ last: number }>(LAST_CODED, [id])?.last ?? 0;
    const next = Math.max(generation, coded, base, ahead, 0) + 1;
    writeGeneration(driver, id, { generation: next, coded: 0, base: next });
  }
}

const LAST_CODED = `
  SELECT ${integer('coalesce(max(last_generation), 0)', 'last')} FROM vector_codes WHERE version_id = ?1`;

function wrongVersions(driver: SqliteDriver, hasVectors: boolean): readonly VersionId[] {
  const statements = hasVectors ? [WRONG, UNCOUNTED, CODES_AHEAD] : [WRONG];
  return [...new Set(statements.flatMap((sql) => driver.all<{ id: VersionId }>(sql).map(({ id }) => id)))];
}
