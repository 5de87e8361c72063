import { integer, type SqliteDriver } from '@switchyard/sqlite-common';
import type { VersionId } from '@switchyard/storage-core';

/**
 * Progress of the vectors of a version, in numbers that only go up. Field names are those of the columns of
 * `vector_generations`, whose schema is frozen.
 */
export interface GenerationState {
  /** Goes up with every change of the version's vectors, in the same transaction. 0 before the first. */
  readonly generation: number;
  /**
   * Log generation: the generation that the log of codes has reached. Below `generation` after vectors were changed
   * without codes; readers then ignore the log, and the next write rebuilds it.
   */
  readonly coded: number;
  /** Oldest replayable generation: a table cached at an earlier one cannot follow the log and must be reloaded. */
  readonly base: number;
}

/** Of `vector_generations`, which may be joined and lack the version: items of a SELECT list. */
export const GENERATION_COLUMNS = ['generation', 'coded', 'base']
  .map((column) => integer(`ifnull(vector_generations.${column}, 0)`, column))
  .join(', ');

const NEVER_CHANGED: GenerationState = { generation: 0, coded: 0, base: 0 };

const BUMP = `
  INSERT INTO vector_generations (version_id, generation) VALUES (?1, 1)
  ON CONFLICT (version_id) DO UPDATE SET generation = generation + 1`;

const PUT = `
  INSERT INTO vector_generations (version_id, generation, coded, base) VALUES (?1, ?2, ?3, ?4)
  ON CONFLICT (version_id) DO UPDATE SET
    generation = excluded.generation,
    coded = excluded.coded,
    base = excluded.base`;

const START_ALL_ANEW = `
  UPDATE vector_generations SET generation = generation + 1, coded = generation + 1, base = generation + 1`;

const KNOW_ALL_VERSIONS = `
  INSERT INTO vector_generations (version_id, generation)
  SELECT id, 0 FROM versions WHERE TRUE
  ON CONFLICT (version_id) DO NOTHING`;

const START_ALL_ANEW_UNCODED = `
  UPDATE vector_generations SET generation = generation + 1, base = generation + 1`;

const READ = `
  SELECT ${GENERATION_COLUMNS} FROM vector_generations WHERE version_id = ?1`;

/**
 * Says that the vectors of a version changed. Belongs into the transaction that changes them. The log of codes is left
 * behind: for changes that do not go through it.
 */
export function bumpGeneration(driver: SqliteDriver, versionId: VersionId): void {
  driver.run(BUMP, [versionId]);
}

/** Says that all vectors of the store are gone. Belongs into the transaction that drops them. */
export function startAllGenerationsAnew(driver: SqliteDriver): void {
  driver.run(START_ALL_ANEW);
}

/**
 * Says that all vectors of the store were replaced, without codes. Belongs into the transaction that replaces them.
 */
export function replaceAllGenerations(driver: SqliteDriver): void {
  driver.run(KNOW_ALL_VERSIONS);
  driver.run(START_ALL_ANEW_UNCODED);
}

/** Writes how far a version has come. Belongs into the transaction that changes its vectors. */
export function writeGeneration(
  driver: SqliteDriver,
  versionId: VersionId,
  { generation, coded, base }: GenerationState,
): void {
  driver.run(PUT, [versionId, generation, coded, base]);
}

/**
 * How far a version has come. What was computed from the vectors at one generation is valid as long as the number is
 * the same, in whatever process the change was made.
 */
export function readGeneration(driver: SqliteDriver, versionId: VersionId): GenerationState {
  return driver.first<GenerationState>(READ, [versionId]) ?? NEVER_CHANGED;
}
