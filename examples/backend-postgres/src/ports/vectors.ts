import type { CallOptions, Capabilities, EmbeddingProfile, ReconcilePolicy } from '@switchyard/storage-core';
import {
  type CallRunner,
  checkProfileRequest,
  checkVectorQuery,
  distance,
  normalizeFilter,
  type ProfileRequest,
  planReconcile,
  type ReconcileResult,
  requireCapability,
  requireModel,
  requireSearchMode,
  type VectorHit,
  type VectorIndex,
  type VectorQuery,
  type VectorStats,
} from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import { voidEveryMarker } from '../change-log/transact.js';
import type { Query } from '../database/connection.js';
import type { Session, Transaction } from '../database/session.js';
import type { State } from '../database/state.js';
import { realArray, toVector } from '../database/text.js';
import { filterParameters } from '../filter.js';
import { findVersionId } from '../references.js';
import { DROP_VECTORS, HAS_VECTORS, NEAREST, VECTOR_STATS } from '../sql/search.js';
import { isExtreme, roughError } from './rough-distance.js';

/** Searches by vector. PostgreSQL finds candidates, and the exact distance decides. */
export function postgresVectors(capabilities: Capabilities, session: Session, run: CallRunner): VectorIndex {
  const unsupported = (options: CallOptions | undefined) =>
    run<never>(options, () => {
      requireCapability(BACKEND_NAME, capabilities, 'vectorMaintenance');
      throw new Error('vectorMaintenance is declared but not implemented.');
    });
  return {
    profile: (options) =>
      run(options, () =>
        session.snapshot<EmbeddingProfile | null>(
          options,
          () => null,
          async (_, { profile }) => profile,
        ),
      ),
    reconcile: (request, policy, options) =>
      run(options, () => {
        checkProfileRequest(BACKEND_NAME, capabilities, request);
        return session.write(options, (transaction) => reconcile(capabilities, transaction, request, policy));
      }),
    nearest: (query, options) =>
      run(options, () => {
        requireSearchMode(BACKEND_NAME, capabilities, query.mode);
        checkVectorQuery(query, undefined);
        return session.snapshot<readonly VectorHit[]>(
          options,
          () => [],
          (run, state) => nearest(run, state, query),
        );
      }),
    hasAny: ({ versions, model }, options) =>
      run(options, () =>
        session.snapshot(
          options,
          () => false,
          async (query, { profile }) => {
            requireModel(BACKEND_NAME, profile, model);
            const ids = [];
            for (const version of versions) ids.push(await findVersionId(query, version));
            const [row] = await query<{ readonly found: boolean }>(HAS_VECTORS, [ids]);
            return row?.found ?? false;
          },
        ),
      ),
    stats: (options) =>
      run(options, () =>
        session.read<VectorStats>(
          options,
          () => ({ indexed: 0, without: 0, unusable: 0 }),
          async (query) => {
            const [row] = await query<Omit<VectorStats, 'unusable'>>(VECTOR_STATS);
            return { indexed: row?.indexed ?? 0, without: row?.without ?? 0, unusable: 0 };
          },
        ),
      ),
    rebuild: unsupported,
    audit: unsupported,
  };
}

/** Returns the nearest chunks of a version: the candidates, measured in float64 and ordered, ties by id. */
export async function nearest(
  run: Query,
  { profile, vectorType }: State,
  query: VectorQuery,
): Promise<readonly VectorHit[]> {
  checkVectorQuery(query, profile?.dimension);
  requireModel(BACKEND_NAME, profile, query.model);
  const { vector, limit, filter } = query;
  const versionId = await findVersionId(run, query.version);
  if (profile === null || versionId === null || limit === 0) return [];
  const { metric, dimension } = profile;
  const { factor, margin } = roughError(metric, dimension);
  const candidates = await run<{ readonly chunkId: number; readonly vector: string }>(
    NEAREST(vectorType, metric),
    [
      versionId,
      realArray(vector),
      limit,
      factor,
      margin,
      isExtreme(vector),
      ...filterParameters(normalizeFilter(filter)),
    ],
  );
  return candidates
    .map((chunk) => ({ chunkId: chunk.chunkId, distance: distance(metric, vector, toVector(chunk.vector)) }))
    .sort((a, b) => a.distance - b.distance || a.chunkId - b.chunkId)
    .slice(0, limit);
}

async function reconcile(
  capabilities: Capabilities,
  transaction: Transaction,
  request: ProfileRequest,
  policy: ReconcilePolicy,
): Promise<ReconcileResult> {
  const { query, state } = transaction;
  const plan = planReconcile(BACKEND_NAME, capabilities, state.profile, request, policy);
  if (plan.outcome !== 'unchanged') state.profile = plan.profile;
  if (plan.outcome !== 'reset') return { ...plan, vectorsDropped: 0 };
  const [row] = await query<{ readonly dropped: number }>(DROP_VECTORS);
  await voidEveryMarker(transaction);
  return { ...plan, vectorsDropped: row?.dropped ?? 0 };
}
