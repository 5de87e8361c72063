import { findVersionId, type SqliteDriver } from '@switchyard/sqlite-common';
import type { EmbeddingProfile, VersionId, VersionRef } from '@switchyard/storage-core';
import { normalizeVersionRef } from '@switchyard/storage-core/backend';
import { GENERATION_COLUMNS, type GenerationState } from './generations.js';
import { PROFILE_COLUMNS, toSpace } from './profile.js';

/**
 * What the store says of a version that is to be searched: in one statement, since each costs more than what it reads.
 * ?1 the id of the version, or null and ?2, ?3 the names of library and version.
 */
const READ = `
  SELECT
    ${PROFILE_COLUMNS},
    asked.id AS versionId,
    ${GENERATION_COLUMNS}
  FROM (
    SELECT coalesce(
      ?1,
      (
        SELECT versions.id
        FROM libraries
        JOIN versions ON versions.library_id = libraries.id
        WHERE lower(libraries.name) = CAST(?2 AS TEXT) AND lower(versions.name) = CAST(?3 AS TEXT)
      )
    ) AS id
  ) AS asked
  LEFT JOIN vector_generations ON vector_generations.version_id = asked.id`;

/** What a search begins with. */
export interface SearchState {
  /** Null before the store was told what its vectors are. */
  readonly profile: EmbeddingProfile | null;
  /** Null for a version that does not exist; that of an id is not looked for. */
  readonly versionId: VersionId | null;
  readonly generations: GenerationState;
}

interface StateRow extends GenerationState {
  readonly model: string | null;
  readonly dimension: string | null;
  readonly metric: string | null;
  readonly versionId: VersionId | null;
}

/** Reads it. What follows from it holds within the same read transaction. @throws TypeError for a bad reference. */
export function readSearchState(driver: SqliteDriver, ref: VersionRef): SearchState {
  const asked = normalizeVersionRef(ref);
  if ('versionId' in asked) return read(driver, asked.versionId, null, null);
  const state = read(driver, null, asked.library, asked.version);
  if (state.versionId !== null) return state;
  // SQLite's lower() knows the letters of ASCII only.
  const versionId = findVersionId(driver, asked);
  return versionId === null ? state : read(driver, versionId, null, null);
}

function read(
  driver: SqliteDriver,
  id: VersionId | null,
  library: string | null,
  version: string | null,
): SearchState {
  const row = driver.first<StateRow>(READ, [id, library, version]);
  if (row === undefined) throw new TypeError('A statement that always returns one row returned none.');
  const { model, dimension, metric, versionId, generation, coded, base } = row;
  const space = toSpace(dimension, metric);
  return {
    profile: space === null ? null : { model, ...space },
    versionId,
    generations: { generation, coded, base },
  };
}
