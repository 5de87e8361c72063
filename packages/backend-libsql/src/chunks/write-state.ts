import { type FoundPage, type SqliteDriver, text } from '@switchyard/sqlite-common';
import type { EmbeddingProfile, VersionId, VersionRef } from '@switchyard/storage-core';
import { readByVersion, VERSION_ID, type VersionValues } from '../catalog/version-ref.js';
import { GENERATION_COLUMNS, type GenerationState } from '../vectors/generations.js';
import { PROFILE_COLUMNS, toSpace } from '../vectors/profile.js';

/**
 * State of a page to be written, in one statement, because a statement costs more than what it reads. ?4 is the URL.
 */
const READ = `
  SELECT
    ${PROFILE_COLUMNS},
    versions.id AS versionId,
    ${GENERATION_COLUMNS},
    pages.id AS pageId,
    ${text('pages.created_at', { as: 'createdAt', idColumn: 'pageId' })}
  FROM (SELECT ${VERSION_ID} AS id) AS asked
  LEFT JOIN versions ON versions.id = asked.id
  LEFT JOIN vector_generations ON vector_generations.version_id = versions.id
  LEFT JOIN pages ON pages.version_id = versions.id AND pages.url = ?4`;

/** State of a page before it is written. */
export interface WriteState {
  /** Null before the first `reconcile`. */
  readonly profile: EmbeddingProfile | null;
  readonly generations: GenerationState;
  /** Null if the version does not exist. */
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

/** Reads the state of a page. Must run in the transaction that writes it. @throws TypeError for an invalid reference. */
export function readWriteState(driver: SqliteDriver, ref: VersionRef, url: string): WriteState {
  return readByVersion(
    driver,
    ref,
    (values) => read(driver, values, url),
    ({ found }) => found !== null,
  );
}

function read(driver: SqliteDriver, version: VersionValues, url: string): WriteState {
  const row = driver.first<StateRow>(READ, [...version, url]);
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
