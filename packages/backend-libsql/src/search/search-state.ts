import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { EmbeddingProfile, VersionId, VersionRef } from '@switchyard/storage-core';
import { readByVersion, VERSION_ID } from '../catalog/version-ref.js';
import { FTS_RECORD_COLUMNS, type FtsRecords } from '../fts/fts-records.js';
import { GENERATION_COLUMNS, type GenerationState } from '../vectors/generations.js';
import { PROFILE_COLUMNS, toSpace } from '../vectors/profile.js';

// Each kind of search reads its state in one statement, because a statement costs more than what it reads. What follows
// from a state holds within the same read transaction.

const VECTOR_STATE = statement(`${PROFILE_COLUMNS},
    ${GENERATION_COLUMNS}`);

const FTS_STATE = statement(FTS_RECORD_COLUMNS);

const HYBRID_STATE = statement(`${PROFILE_COLUMNS},
    ${GENERATION_COLUMNS},
    ${FTS_RECORD_COLUMNS}`);

function statement(columns: string): string {
  return `
  SELECT
    asked.id AS versionId,
    ${columns}
  FROM (SELECT ${VERSION_ID} AS id) AS asked
  LEFT JOIN vector_generations ON vector_generations.version_id = asked.id`;
}

/** State of a version for any search. */
interface VersionState {
  /** Null if no version has the names; an id is not looked up. */
  readonly versionId: VersionId | null;
}

/** State of a version for vector search. */
export interface VectorState extends VersionState {
  /** Null before the first `reconcile`. */
  readonly profile: EmbeddingProfile | null;
  readonly generations: GenerationState;
}

/** State of a version for full-text search. */
export interface FtsState extends VersionState {
  readonly records: FtsRecords;
}

interface VectorRow extends VersionState, GenerationState {
  readonly model: string | null;
  readonly dimension: string | null;
  readonly metric: string | null;
}

interface FtsRow extends VersionState, FtsRecords {}

/** Reads the state for a vector search. @throws TypeError for an invalid reference. */
export function readVectorState(driver: SqliteDriver, ref: VersionRef): VectorState {
  return toVectorState(read<VectorRow>(driver, VECTOR_STATE, ref));
}

/** Reads the state for a full-text search. @throws TypeError for an invalid reference. */
export function readFtsState(driver: SqliteDriver, ref: VersionRef): FtsState {
  return toFtsState(read<FtsRow>(driver, FTS_STATE, ref));
}

/** Reads the state for a hybrid search. @throws TypeError for an invalid reference. */
export function readHybridState(driver: SqliteDriver, ref: VersionRef): VectorState & FtsState {
  const row = read<VectorRow & FtsRow>(driver, HYBRID_STATE, ref);
  return { ...toVectorState(row), ...toFtsState(row) };
}

function read<Row extends VersionState>(driver: SqliteDriver, sql: string, ref: VersionRef): Row {
  return readByVersion(
    driver,
    ref,
    (values) => {
      const row = driver.first<Row>(sql, values);
      if (row === undefined) throw new TypeError('A statement that always returns one row returned none.');
      return row;
    },
    ({ versionId }) => versionId !== null,
  );
}

function toVectorState({
  versionId,
  model,
  dimension,
  metric,
  generation,
  coded,
  base,
}: VectorRow): VectorState {
  const space = toSpace(dimension, metric);
  return {
    versionId,
    profile: space === null ? null : { model, ...space },
    generations: { generation, coded, base },
  };
}

function toFtsState({ versionId, averages, structure }: FtsRow): FtsState {
  return { versionId, records: { averages, structure } };
}
