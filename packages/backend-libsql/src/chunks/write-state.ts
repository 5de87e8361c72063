import { type FoundPage, findVersionId, type SqliteDriver, text } from '@switchyard/sqlite-common';
import type { EmbeddingProfile, VersionId, VersionRef } from '@switchyard/storage-core';
import { normalizeVersionRef } from '@switchyard/storage-core/backend';
import { GENERATION_COLUMNS, type GenerationState } from '../vectors/generations.js';
import { PROFILE_COLUMNS, toSpace } from '../vectors/profile.js';

/**
 * What the store says of a page that is to be written: in one statement, since each costs more than what it reads.
 * ?1 the id of the version, or null and ?2, ?3 the names of library and version; ?4 the URL.
 */
const READ = `
  SELECT
    ${PROFILE_COLUMNS},
    versions.id AS versionId,
    ${GENERATION_COLUMNS},
    pages.id AS pageId,
    ${text('pages.created_at', { as: 'createdAt', idColumn: 'pageId' })}
  FROM (SELECT 1) AS asked
  LEFT JOIN versions ON versions.id = coalesce(
    ?1,
    (
      SELECT named.id
      FROM libraries
      JOIN versions AS named ON named.library_id = libraries.id
      WHERE lower(libraries.name) = CAST(?2 AS TEXT) AND lower(named.name) = CAST(?3 AS TEXT)
    )
  )
  LEFT JOIN vector_generations ON vector_generations.version_id = versions.id
  LEFT JOIN pages ON pages.version_id = versions.id AND pages.url = ?4`;

/** What the write of a page begins with. */
export interface WriteState {
  /** Null before the store was told what its vectors are. */
  readonly profile: EmbeddingProfile | null;
  readonly generations: GenerationState;
  /** Null when the version does not exist. */
  readonly found: FoundPage | null;
}

interface StateRow extends GenerationState {
  readonly model: string | null;
  readonly dimension: string | null;
  readonly metric: string | null;
  readonly versionId: VersionId | null;
  readonly pageId: number | null;
  readonly createdAt: string | null;
}

/** Reads it, within the transaction that writes. @throws TypeError for a bad reference. */
export function readWriteState(driver: SqliteDriver, ref: VersionRef, url: string): WriteState {
  const asked = normalizeVersionRef(ref);
  if ('versionId' in asked) return read(driver, asked.versionId, null, null, url);
  const state = read(driver, null, asked.library, asked.version, url);
  if (state.found !== null) return state;
  // SQLite's lower() knows the letters of ASCII only.
  const versionId = findVersionId(driver, asked);
  return versionId === null ? state : read(driver, versionId, null, null, url);
}

function read(
  driver: SqliteDriver,
  id: VersionId | null,
  library: string | null,
  version: string | null,
  url: string,
): WriteState {
  const row = driver.first<StateRow>(READ, [id, library, version, url]);
  if (row === undefined) throw new TypeError('A statement that always returns one row returned none.');
  const { model, dimension, metric, versionId, generation, coded, base, pageId, createdAt } = row;
  const space = toSpace(dimension, metric);
  return {
    profile: space === null ? null : { model, ...space },
    generations: { generation, coded, base },
    found:
      versionId === null ? null : { versionId, page: pageId === null ? null : { id: pageId, createdAt } },
  };
}
