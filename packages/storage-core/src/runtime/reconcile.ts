import type { Capabilities } from '../ports/capabilities.js';
import type { ProfileRequest, ReconcilePolicy } from '../ports/vector-index.js';
import type { EmbeddingProfile } from '../values/profile.js';
import { checkProfileRequest, compareProfiles, completeProfile, modelChanged } from './profile-checks.js';

/**
 * Checks a requested profile and completes it from that of the store.
 *
 * @param stored Profile of the store; null without one.
 * @throws TypeError; StorageError `STORAGE_NOT_SUPPORTED`.
 *
 * @example
 * ```ts
 * const stored = await backend.vectors.profile();
 * const wanted = wantedProfile(backend.name, backend.capabilities, stored, { model: 'openai:small', dimension: 1536 });
 * ```
 */
export function wantedProfile(
  backend: string,
  capabilities: Capabilities,
  stored: EmbeddingProfile | null,
  request: ProfileRequest,
): EmbeddingProfile {
  checkProfileRequest(backend, capabilities, request);
  return completeProfile(capabilities, stored, request);
}

/** Work that `VectorIndex.reconcile` has to do. */
export interface ReconcilePlan {
  /**
   * Outcome to return. `unchanged`: write nothing. `adopted`: store the profile. `reset`: store the profile and drop all
   * vectors.
   */
  readonly outcome: 'unchanged' | 'adopted' | 'reset';
  /** Profile of the store afterwards. */
  readonly profile: EmbeddingProfile;
  /** Profile of the store before; null without one. */
  readonly previous: EmbeddingProfile | null;
}

/**
 * Decides what `VectorIndex.reconcile` has to do, by the rules of all backends. Must run in the transaction that then
 * does it, because another process may have changed the profile.
 *
 * @param stored Profile of the store; null without one.
 * @throws TypeError; StorageError `STORAGE_MODEL_CHANGED`, `STORAGE_NOT_SUPPORTED`.
 *
 * @example
 * ```ts
 * const stored = await backend.vectors.profile();
 * const request: ProfileRequest = { model: 'openai:small', dimension: 1536 };
 * const plan = planReconcile(backend.name, backend.capabilities, stored, request, 'reset-if-changed');
 * if (plan.outcome === 'reset') {
 *   // UPDATE chunks SET vector = NULL, and count them
 * }
 * const result: ReconcileResult = { ...plan, vectorsDropped: 0 };
 * ```
 */
export function planReconcile(
  backend: string,
  capabilities: Capabilities,
  stored: EmbeddingProfile | null,
  request: ProfileRequest,
  policy: ReconcilePolicy,
): ReconcilePlan {
  const profile = wantedProfile(backend, capabilities, stored, request);
  const plan = (outcome: ReconcilePlan['outcome']) => ({ outcome, profile, previous: stored });
  if (stored === null) return plan('adopted');
  if (policy === 'reset') return plan('reset');
  const fit = compareProfiles(stored, profile);
  if (fit === 'same') return plan('unchanged');
  if (fit === 'adoptable') return plan('adopted');
  if (policy === 'refuse') throw modelChanged(backend, stored, profile);
  return plan('reset');
}
