import {
  findVersionId,
  longCallsFor,
  readPassingChunks,
  type SqliteDriver,
  throwNotApplied,
} from '@switchyard/sqlite-common';
import type { CallOptions, EmbeddingProfile, ReconcilePolicy, VersionRef } from '@switchyard/storage-core';
import {
  type AuditReport,
  type CallRunner,
  checkVectorQuery,
  type LongCalls,
  normalizeFilter,
  type ProfileRequest,
  type ReconcileResult,
  requireModel,
  requireSearchMode,
  type VectorHit,
  type VectorIndex,
  type VectorQuery,
  type VectorStats,
  type VectorsQuery,
} from '@switchyard/storage-core/backend';
import { BACKEND_NAME, capabilities } from '../capabilities.js';
import { auditVectors, rebuildVectors, vectorStats } from './contents.js';
import { readVectorTable } from './index-table.js';
import { findNearestChunks, type SearchedVersion } from './nearest.js';
import { readProfile, reconcileProfile, reconcileWithoutWriting } from './profile.js';

/** Dependencies of a {@link SqliteVecIndex}. */
export interface VectorIndexContext {
  /** Runs calls that read, under the lifecycle of the backend. */
  readonly run: CallRunner;
  /** Runs calls that write. */
  readonly runWrite: CallRunner;
  readonly driver: () => SqliteDriver;
  /** Does long calls on a large store elsewhere; null never does. */
  readonly longCalls: LongCalls | null;
}

/** The vec0 table of a store. */
export class SqliteVecIndex implements VectorIndex {
  readonly #context: VectorIndexContext;

  constructor(context: VectorIndexContext) {
    this.#context = context;
  }

  profile(options?: CallOptions): Promise<EmbeddingProfile | null> {
    return this.#call(options, (driver) => driver.readTransaction(() => readProfile(driver)));
  }

  async reconcile(
    profile: ProfileRequest,
    policy: ReconcilePolicy,
    options?: CallOptions,
  ): Promise<ReconcileResult> {
    const unchanged = await this.#call(options, (driver) =>
      reconcileWithoutWriting(driver, profile, policy),
    ).catch(throwNotApplied);
    return unchanged ?? this.#write(options, (driver) => reconcileProfile(driver, profile, policy));
  }

  nearest(query: VectorQuery, options?: CallOptions): Promise<readonly VectorHit[]> {
    return this.#call(options, (driver) => driver.readTransaction(() => findNearest(driver, query)));
  }

  hasAny({ versions, model }: VectorsQuery, options?: CallOptions): Promise<boolean> {
    return this.#call(options, (driver) =>
      driver.readTransaction(() => {
        requireModel(BACKEND_NAME, readProfile(driver), model);
        return versions.some((version) => hasVector(driver, version));
      }),
    );
  }

  stats(options?: CallOptions): Promise<VectorStats> {
    return this.#call(options, (driver) => this.#far(driver)?.stats(options) ?? vectorStats(driver));
  }

  rebuild(options?: CallOptions): Promise<void> {
    return this.#write(options, (driver) => this.#far(driver)?.rebuild(options) ?? rebuildVectors(driver));
  }

  audit(options?: CallOptions): Promise<AuditReport> {
    return this.#call(options, (driver) => this.#far(driver)?.audit(options) ?? auditVectors(driver));
  }

  /** The same calls elsewhere, when the store is large. */
  #far(driver: SqliteDriver): LongCalls['vectors'] | null {
    return longCallsFor(driver, this.#context.longCalls)?.vectors ?? null;
  }

  #write<T>(options: CallOptions | undefined, work: (driver: SqliteDriver) => T | Promise<T>): Promise<T> {
    return this.#context.runWrite(options, () => work(this.#context.driver()));
  }

  #call<T>(options: CallOptions | undefined, work: (driver: SqliteDriver) => T | Promise<T>): Promise<T> {
    return this.#context.run(options, () => work(this.#context.driver()));
  }
}

/** Implements `VectorIndex.nearest`. Must run in a read transaction. */
export function findNearest(driver: SqliteDriver, query: VectorQuery): readonly VectorHit[] {
  requireSearchMode(BACKEND_NAME, capabilities, query.mode);
  const profile = readProfile(driver);
  requireModel(BACKEND_NAME, profile, query.model);
  checkVectorQuery(query, profile?.dimension);
  const versionId = findVersionId(driver, query.version);
  if (versionId === null) return [];
  const filter = normalizeFilter(query.filter);
  const passing = filter === null ? null : readPassingChunks(driver, versionId, filter);
  return findNearestIn(driver, [{ versionId, passing }], query.vector, query.limit);
}

/** Returns the nearest chunks of some versions. The vector was checked. Must run in a read transaction. */
export function findNearestIn(
  driver: SqliteDriver,
  versions: readonly SearchedVersion[],
  vector: Float32Array,
  limit: number,
): VectorHit[] {
  // An index that is empty, or holds vectors of an earlier model, may have another dimension than the store.
  const table = readVectorTable(driver);
  if (table.empty || table.dimension !== vector.length) return [];
  return findNearestChunks(driver, versions, vector, limit);
}

function hasVector(driver: SqliteDriver, version: VersionRef): boolean {
  const versionId = findVersionId(driver, version);
  if (versionId === null) return false;
  const dimension = readProfile(driver)?.dimension;
  if (dimension === undefined || readVectorTable(driver).dimension !== dimension) return false;
  return driver.first(selectAnyOfVersion, [versionId]) !== undefined;
}

const selectAnyOfVersion = `
SELECT 1
FROM pages AS p
CROSS JOIN documents AS d ON d.page_id = p.id
WHERE p.version_id = ? AND d.id IN (SELECT rowid FROM documents_vec_rowids)
LIMIT 1`;
