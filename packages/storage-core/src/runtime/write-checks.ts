import { isLoggedWrite } from '../change-log/logged-write.js';
import type { CallOptions } from '../ports/call-options.js';
import type { Capabilities } from '../ports/capabilities.js';
import type { Mutation } from '../values/mutations.js';
import type { EmbeddingProfile } from '../values/profile.js';
import { requireBulkDeletion, requireCapability } from './capability-guard.js';
import { requireModels } from './profile-checks.js';
import { checkMutation } from './validate.js';

/**
 * Returns true if a mutation gives ids to its rows, for which a backend needs the capability `assignedIds`.
 *
 * @example
 * ```ts
 * hasAssignedIds({ kind: 'resolveVersion', library: 'fastify', version: '5.0' }); // false
 * ```
 */
export function hasAssignedIds(mutation: Mutation): boolean {
  switch (mutation.kind) {
    case 'resolveVersion':
      return mutation.ids !== undefined;
    case 'putLibrary':
    case 'putVersion':
      return true;
    case 'replacePage':
      return mutation.page.id !== undefined || mutation.chunks.some(({ id }) => id !== undefined);
    default:
      return false;
  }
}

/**
 * Checks everything about a write before its first mutation is applied: values, vectors, the capabilities that it needs,
 * and the model of its vectors. Must run in the transaction of the write.
 *
 * @param backend Name of the backend.
 * @param profile Embedding profile of the store; null without one.
 * @param options Options of the call: a write of a rollout needs the capability `changeLog`.
 * @throws TypeError; StorageError `STORAGE_INVALID_VECTOR`, `STORAGE_DIMENSION_MISMATCH`, `STORAGE_NO_PROFILE`,
 * `STORAGE_NOT_SUPPORTED`, `STORAGE_MODEL_CHANGED`.
 *
 * @example
 * ```ts
 * const mutations: Mutation[] = [{ kind: 'resolveVersion', library: 'fastify', version: '5.0' }];
 * checkMutations(backend.name, backend.capabilities, await backend.vectors.profile(), mutations);
 * ```
 */
export function checkMutations(
  backend: string,
  capabilities: Capabilities,
  profile: EmbeddingProfile | null,
  mutations: readonly Mutation[],
  options?: CallOptions,
): void {
  if (isLoggedWrite(options)) requireCapability(backend, capabilities, 'changeLog');
  for (const mutation of mutations) checkMutation(mutation, profile?.dimension);
  if (mutations.some(hasAssignedIds)) requireCapability(backend, capabilities, 'assignedIds');
  requireBulkDeletion(backend, capabilities, mutations);
  requireModels(backend, profile, mutations);
}
