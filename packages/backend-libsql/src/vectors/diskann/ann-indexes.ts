import { findVersionId, type SqliteDriver } from '@switchyard/sqlite-common';
import {
  type CallOptions,
  type ChunkId,
  type EmbeddingProfile,
  StorageError,
  type VersionId,
  type VersionRef,
} from '@switchyard/storage-core';
import type {
  AnnIndexEstimate,
  AnnIndexes,
  AuditProblem,
  AuditReport,
} from '@switchyard/storage-core/backend';
import { lastKey } from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../../capabilities.js';
import type { SessionRunners } from '../../sessions/session.js';
import { readProfile } from '../profile.js';
import { noIndex, readIndex } from './diskann-search.js';
import * as sql from './diskann-statements.js';

/** Measured for the settings in use: a node has 36 bytes per component and 784 more; pages add a tenth. */
const BYTES_PER_COMPONENT = 36 * 1.1 + Float32Array.BYTES_PER_ELEMENT;
const BYTES_BESIDE = 784 * 1.1 + 100;
/** Measured at 512 components: 4.2 µs per component up to 5,000 entries, 14 at 20,000, 30 at 50,000. */
const SECONDS_PER_COMPONENT = 4.2e-6;
const GROWS_FROM = 5_000;
const GROWTH = 0.85;

const HAZARDS = [
  'It is approximate: it can miss neighbors, for single queries several, and no bound tells which.',
  'The exact mode searches in memory, and was faster than this index at every measured size.',
  'Vectors written later are not in the index but searched exactly: rebuild it after many writes.',
  'Writers of the store wait while the index is built.',
  'Only drivers of libSQL can write the tables of the index; the vectors themselves stay writable by others.',
] as const;

const COUNT_VECTORS = `
  SELECT count(*) AS n FROM document_vectors WHERE version_id = ?1`;

/** See {@link AnnIndexes}: partial DiskANN indexes of the engine. */
export class LibsqlAnnIndexes implements AnnIndexes {
  readonly #runners: SessionRunners;

  constructor(runners: SessionRunners) {
    this.#runners = runners;
  }

  estimate(version: VersionRef, options?: CallOptions): Promise<AnnIndexEstimate> {
    return this.#runners.read(options, ({ driver }) =>
      driver.readTransaction(() => {
        const { versionId, profile } = requireVersion(driver, version);
        const vectors = driver.first<{ n: number }>(COUNT_VECTORS, [versionId])?.n ?? 0;
        return {
          vectors,
          bytes: Math.ceil(vectors * (profile.dimension * BYTES_PER_COMPONENT + BYTES_BESIDE)),
          seconds: buildSeconds(vectors, profile.dimension),
          hazards: HAZARDS,
          built: readIndex(driver, versionId) !== undefined,
        };
      }),
    );
  }

  build(version: VersionRef, options?: CallOptions): Promise<void> {
    return this.#runners.write(options, ({ driver }) =>
      driver.transaction(() => {
        const { versionId, profile } = requireVersion(driver, version);
        buildIndex(driver, versionId, profile);
      }),
    );
  }

  drop(version: VersionRef, options?: CallOptions): Promise<boolean> {
    return this.#runners.write(options, ({ driver }) =>
      driver.transaction(() => {
        const versionId = findVersionId(driver, version);
        if (versionId === null || readIndex(driver, versionId) === undefined) return false;
        forget(driver, versionId);
        return true;
      }),
    );
  }

  audit(version: VersionRef, options?: CallOptions): Promise<AuditReport> {
    return this.#runners.read(options, ({ driver }) =>
      driver.readTransaction(() => {
        const { versionId, profile } = requireVersion(driver, version);
        const index = readIndex(driver, versionId);
        if (index === undefined) throw noIndex(versionId);
        return auditIndex(driver, versionId, profile);
      }),
    );
  }
}

/** Estimates the build time: the more entries an index has, the longer each new one takes. */
function buildSeconds(vectors: number, dimension: number): number {
  const slower = Math.max(1, (vectors / GROWS_FROM) ** GROWTH);
  return Math.ceil(vectors * dimension * SECONDS_PER_COMPONENT * slower);
}

/** See {@link AnnIndexes.audit}. Must run in a transaction. */
export function auditIndex(
  driver: SqliteDriver,
  versionId: VersionId,
  { dimension }: EmbeddingProfile,
): AuditReport {
  const problems: AuditProblem[] = [];
  const bytes = dimension * Float32Array.BYTES_PER_ELEMENT;
  for (const { id } of driver.all<{ id: ChunkId }>(sql.MISSING, [versionId, bytes]))
    problems.push({
      kind: 'missing',
      chunkId: id,
      detail: 'The ANN index does not contain this vector.',
    });
  for (const { id } of driver.all<{ id: ChunkId }>(sql.WRONG, [versionId]))
    problems.push({
      kind: 'damaged',
      chunkId: id,
      detail: 'The ANN index contains another vector of this chunk.',
    });
  let checked = 0;
  for (let after = 0; ; ) {
    const entries = driver.all<{ id: ChunkId; embedding: Uint8Array }>(sql.ENTRIES_AFTER, [versionId, after]);
    for (const { id, embedding } of entries) {
      checked += 1;
      const found = driver.first<{ n: number }>(sql.FINDS_ITSELF, [sql.indexName(versionId), embedding, id]);
      if (found?.n !== 1)
        problems.push({
          kind: 'damaged',
          chunkId: id,
          detail: 'The graph of the ANN index does not lead to this vector.',
        });
    }
    const last = lastKey(
      entries.map(({ id }) => id),
      after,
      'vectors',
    );
    if (last === null) return { checked, problems };
    after = last;
  }
}

/** Builds the index of a version from its vectors. Must run in a write transaction. */
export function buildIndex(
  driver: SqliteDriver,
  versionId: VersionId,
  { dimension, metric }: EmbeddingProfile,
): void {
  if (driver.first(sql.HAS_TABLES) === undefined) driver.exec(sql.createTables(dimension));
  for (const { version_id } of driver.all<{ version_id: VersionId }>(sql.ABANDONED))
    forget(driver, version_id);
  forget(driver, versionId);
  const bytes = dimension * Float32Array.BYTES_PER_ELEMENT;
  driver.run(sql.ADD_ENTRIES, [versionId, bytes]);
  driver.run(sql.ADD_MEMBERS, [versionId, bytes]);
  driver.run(sql.ADD_PENDING, [versionId, bytes]);
  driver.exec(sql.createIndex(versionId, metric));
  driver.run(sql.PUT_INDEX, [versionId, metric]);
}

/** Drops the index of a version. The index goes before its rows: deleting rows from an index damages it. */
function forget(driver: SqliteDriver, versionId: VersionId): void {
  driver.exec(`DROP INDEX IF EXISTS ${sql.indexName(versionId)}`);
  for (const statement of sql.FORGET) driver.run(statement, [versionId]);
}

function requireVersion(
  driver: SqliteDriver,
  version: VersionRef,
): { readonly versionId: VersionId; readonly profile: EmbeddingProfile } {
  const versionId = findVersionId(driver, version);
  const profile = readProfile(driver);
  if (versionId !== null && profile !== null) return { versionId, profile };
  throw new StorageError(
    'STORAGE_NOT_FOUND',
    versionId === null
      ? 'The store does not contain this version. Run `switchyard libraries STORE` to list its versions.'
      : 'The store has no vectors yet. Index documents with an embedder first.',
    { backend: BACKEND_NAME, outcome: 'not-applied' },
  );
}
