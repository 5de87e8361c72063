import { integer, type SqliteDriver } from '@switchyard/sqlite-common';
import type { VersionId } from '@switchyard/storage-core';

/**
 * Progress of the vectors of a version, in numbers that only increase. Field names are those of the columns of
 * `vector_generations`, whose schema is frozen.
 */
export interface GenerationState {
  /** Increases with every change of the version's vectors, in the same transaction. 0 before the first. */
  readonly generation: number;
  /**
   * Log generation: the generation up to which the code log is complete. Below `generation` after vectors were changed
   * without codes; readers then ignore the log, and the next local write rebuilds it.
   */
  readonly coded: number;
  /** Oldest replayable generation: codes cached at an earlier one cannot follow the log and must be reloaded. */
  readonly base: number;
}

/** {@link GenerationState} as items of a SELECT list. `vector_generations` may be left-joined and lack the version. */
export const GENERATION_COLUMNS = ['generation', 'coded', 'base']
  .map((column) => integer(`ifnull(vector_generations.${column}, 0)`, column))
  .join(', ');

const NEVER_CHANGED: GenerationState = { generation: 0, coded: 0, base: 0 };

/** ?1 a JSON array of version ids. The condition keeps ON from being read as a join. */
const BUMP = `
  INSERT INTO vector_generations (version_id, generation)
  SELECT value, 1 FROM json_each(?1) WHERE TRUE
  ON CONFLICT (version_id) DO UPDATE SET generation = generation + 1`;

const PUT = `
  INSERT INTO vector_generations (version_id, generation, coded, base) VALUES (?1, ?2, ?3, ?4)
  ON CONFLICT (version_id) DO UPDATE SET
    generation = excluded.generation,
    coded = excluded.coded,
    base = excluded.base`;

const RESTART_ALL = `
  UPDATE vector_generations SET generation = generation + 1, coded = generation + 1, base = generation + 1`;

const ADD_ALL_VERSIONS = `
  INSERT INTO vector_generations (version_id, generation)
  SELECT id, 0 FROM versions WHERE TRUE
  ON CONFLICT (version_id) DO NOTHING`;

const REPLACE_ALL_UNCODED = `
  UPDATE vector_generations SET generation = generation + 1, base = generation + 1`;

const READ = `
  SELECT ${GENERATION_COLUMNS} FROM vector_generations WHERE version_id = ?1`;

/**
 * Records that the vectors of a version changed, for changes that leave the code log behind. Must run in the transaction
 * that changes them.
 */
export function bumpGeneration(driver: SqliteDriver, versionId: VersionId): void {
  bumpGenerations(driver, [versionId]);
}

/** Like {@link bumpGeneration}, for several versions. */
export function bumpGenerations(driver: SqliteDriver, versionIds: readonly VersionId[]): void {
  driver.run(BUMP, [JSON.stringify(versionIds)]);
}

/** Records that all vectors of the store were dropped. Must run in the transaction that drops them. */
export function restartAllGenerations(driver: SqliteDriver): void {
  driver.run(RESTART_ALL);
}

/** Records that all vectors of the store were replaced without codes. Must run in the transaction that replaces them. */
export function replaceAllGenerations(driver: SqliteDriver): void {
  driver.run(ADD_ALL_VERSIONS);
  driver.run(REPLACE_ALL_UNCODED);
}

/** Writes the generations of a version. Must run in the transaction that changes its vectors. */
export function writeGeneration(
  driver: SqliteDriver,
  versionId: VersionId,
  { generation, coded, base }: GenerationState,
): void {
  driver.run(PUT, [versionId, generation, coded, base]);
}

/**
 * Reads the generations of a version. What was computed from its vectors is valid while `generation` is unchanged,
 * whatever process changes them.
 */
export function readGeneration(driver: SqliteDriver, versionId: VersionId): GenerationState {
  return driver.first<GenerationState>(READ, [versionId]) ?? NEVER_CHANGED;
}
