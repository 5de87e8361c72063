import { type SqliteDriver, throwNotApplied } from '@switchyard/sqlite-common';
import type { CallOptions, Capabilities, EmbeddingProfile, ReconcilePolicy } from '@switchyard/storage-core';
import {
  type AuditReport,
  type CallRunner,
  checkVectorQuery,
  type ProfileRequest,
  type ReconcileResult,
  requireModel,
  requireSearchMode,
  type VectorHit,
  type VectorIndex,
  type VectorQuery,
  type VectorStats,
} from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import type { ServerSearch } from '../server/search.js';
import { auditVectors, rebuildVectors, vectorStats } from './maintenance.js';
import { readProfile, reconcileProfile, settleProfile } from './profile.js';
import { readSearchState } from './search-state.js';
import type { UnchangedSearch } from './unchanged-search.js';
import type { VectorSearcher } from './vector-searcher.js';

/** What a {@link LibsqlVectorIndex} works with. */
export interface VectorIndexContext {
  /** Runs calls that read. */
  readonly run: CallRunner;
  /** Runs calls that write. */
  readonly runWrite: CallRunner;
  readonly driver: () => SqliteDriver;
  readonly searcher: () => VectorSearcher;
  readonly unchanged: () => UnchangedSearch;
  /** Searches on a server; null elsewhere. */
  readonly server: () => ServerSearch | null;
  readonly capabilities: Capabilities;
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
    return this.#context.run(options, () => {
      const { driver, searcher, unchanged, server, capabilities } = this.#context;
      const onServer = server();
      if (onServer !== null) return onServer.nearest(query);
      return findNearest(driver(), searcher(), capabilities, query, unchanged());
    });
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

/**
 * See `VectorIndex.nearest`.
 *
 * @param unchanged tries without a transaction first; not for a search that is part of one
 */
export function findNearest(
  driver: SqliteDriver,
  searcher: VectorSearcher,
  capabilities: Capabilities,
  query: VectorQuery,
  unchanged?: UnchangedSearch,
): VectorHit[] {
  requireSearchMode(BACKEND_NAME, capabilities, query.mode);
  checkVectorQuery(query, undefined);
  const hits = unchanged?.search(query);
  if (hits != null) return hits;
  return driver.readTransaction(() => {
    const state = readSearchState(driver, query.version);
    const { profile, versionId, generations } = state;
    unchanged?.remember(query, state);
    requireModel(BACKEND_NAME, profile, query.model);
    if (profile !== null && profile.dimension !== query.vector.length)
      checkVectorQuery(query, profile.dimension);
    if (profile === null || versionId === null || query.limit === 0) return [];
    return searcher.search(profile, {
      versionId,
      vector: query.vector,
      limit: query.limit,
      mode: query.mode,
      generations,
    });
  });
}
