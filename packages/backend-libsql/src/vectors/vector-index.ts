import { longCallsFor, type SqliteDriver, throwNotApplied } from '@switchyard/sqlite-common';
import type { CallOptions, EmbeddingProfile, ReconcilePolicy } from '@switchyard/storage-core';
import type {
  AuditReport,
  LongCalls,
  ProfileRequest,
  ReconcileResult,
  VectorHit,
  VectorIndex,
  VectorQuery,
  VectorStats,
  VectorsQuery,
} from '@switchyard/storage-core/backend';
import type { SessionRunners } from '../sessions/session.js';
import { auditVectors, rebuildVectors, vectorStats } from './maintenance.js';
import { readProfile, reconcileProfile, reconcileWithoutWriting } from './profile.js';

/** Vectors of a store. */
export class LibsqlVectorIndex implements VectorIndex {
  readonly #runners: SessionRunners;
  readonly #elsewhere: LongCalls | null;

  constructor(runners: SessionRunners, elsewhere: LongCalls | null) {
    this.#runners = runners;
    this.#elsewhere = elsewhere;
  }

  profile(options?: CallOptions): Promise<EmbeddingProfile | null> {
    return this.#runners.read(options, ({ driver }) => readProfile(driver));
  }

  async reconcile(
    profile: ProfileRequest,
    policy: ReconcilePolicy,
    options?: CallOptions,
  ): Promise<ReconcileResult> {
    const { read, write } = this.#runners;
    const unchanged = await read(options, ({ driver }) =>
      reconcileWithoutWriting(driver, profile, policy),
    ).catch(throwNotApplied);
    return unchanged ?? write(options, ({ driver }) => reconcileProfile(driver, profile, policy));
  }

  nearest(query: VectorQuery, options?: CallOptions): Promise<readonly VectorHit[]> {
    return this.#runners.read(options, ({ search }) => search.nearest(query));
  }

  hasAny(query: VectorsQuery, options?: CallOptions): Promise<boolean> {
    return this.#runners.read(options, ({ search }) => search.hasAny(query));
  }

  stats(options?: CallOptions): Promise<VectorStats> {
    return this.#runners.read(options, ({ driver }) => driver.readTransaction(() => vectorStats(driver)));
  }

  rebuild(options?: CallOptions): Promise<void> {
    return this.#runners.write(
      options,
      ({ driver }) => this.#far(driver)?.rebuild(options) ?? rebuildVectors(driver),
    );
  }

  audit(options?: CallOptions): Promise<AuditReport> {
    return this.#runners.read(
      options,
      ({ driver }) => this.#far(driver)?.audit(options) ?? auditVectors(driver),
    );
  }

  /** The same calls elsewhere, when the store is large. */
  #far(driver: SqliteDriver): LongCalls['vectors'] | null {
    return longCallsFor(driver, this.#elsewhere)?.vectors ?? null;
  }
}
