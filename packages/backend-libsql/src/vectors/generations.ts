import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { VersionId } from '@switchyard/storage-core';

const BUMP = `
  INSERT INTO vector_generations (version_id, generation) VALUES (?1, 1)
  ON CONFLICT (version_id) DO UPDATE SET generation = generation + 1`;

const BUMP_ALL = `
  UPDATE vector_generations SET generation = generation + 1`;

const READ = `
  SELECT generation FROM vector_generations WHERE version_id = ?1`;

/** Says that the vectors of a version changed. Belongs into the transaction that changes them. */
export function bumpGeneration(driver: SqliteDriver, versionId: VersionId): void {
  driver.run(BUMP, [versionId]);
}

/** Says that the vectors of every version changed. Belongs into the transaction that changes them. */
export function bumpAllGenerations(driver: SqliteDriver): void {
  driver.run(BUMP_ALL);
}

/**
 * The generation of a version's vectors, 0 before the first. What was computed from the vectors at one generation is
 * valid as long as this number is the same, in whatever process the change was made.
 */
export function readGeneration(driver: SqliteDriver, versionId: VersionId): number {
  return driver.first<{ generation: number }>(READ, [versionId])?.generation ?? 0;
}
