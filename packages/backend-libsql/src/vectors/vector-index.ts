import { type SqliteDriver, throwNotApplied } from '@switchyard/sqlite-common';
import type { CallOptions, EmbeddingProfile, ReconcilePolicy } from '@switchyard/storage-core';
import type {
  AuditReport,
  CallRunner,
  ProfileRequest,
  ReconcileResult,
  VectorHit,
  VectorIndex,
  VectorQuery,
  VectorStats,
} from '@switchyard/storage-core/backend';
import type { StoreSearch } from '../search/store-search.js';
import { auditVectors, rebuildVectors, vectorStats } from './maintenance.js';
import { readProfile, reconcileProfile, settleProfile } from './profile.js';

/** What a {@link LibsqlVectorIndex} works with. */
export interface VectorIndexContext {
  /** Runs calls that read. */
  readonly run: CallRunner;
  /** Runs calls that write. */
  readonly runWrite: CallRunner;
  readonly driver: () => SqliteDriver;
  readonly search: () => StoreSearch;
}

/** The vectors of a store. */
export class LibsqlVectorIndex implements VectorIndex {
  readonly #context: VectorIndexContext;

  constructor(context: VectorIndexContext) {
    this.#context = context;
  }

  profile(options?: CallOptions): Promise<EmbeddingProfile | null> {
    return this.#context.run(options, () => readProfile(this.#context.driver()));
  }

  async reconcile(
    profile: ProfileRequest,
    policy: ReconcilePolicy,
    options?: CallOptions,
  ): Promise<ReconcileResult> {
    const { run, runWrite, driver } = this.#context;
    const unchanged = await run(options, () => settleProfile(driver(), profile, policy)).catch(
      throwNotApplied,
    );
    return unchanged ?? runWrite(options, () => reconcileProfile(driver(), profile, policy));
  }

  nearest(query: VectorQuery, options?: CallOptions): Promise<readonly VectorHit[]> {
    return this.#context.run(options, () => this.#context.search().nearest(query));
  }

  stats(options?: CallOptions): Promise<VectorStats> {
    return this.#context.run(options, () => {
      const driver = this.#context.driver();
      return driver.readTransaction(() => vectorStats(driver));
    });
  }

  rebuild(options?: CallOptions): Promise<void> {
    return this.#context.runWrite(options, () => rebuildVectors(this.#context.driver()));
  }

  audit(options?: CallOptions): Promise<AuditReport> {
    return this.#context.run(options, () => auditVectors(this.#context.driver()));
  }
}
