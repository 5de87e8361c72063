import type { CallOptions } from '@switchyard/storage-core';
import {
  checkProfileRequest,
  type ReconcileResult,
  type VectorIndex,
} from '@switchyard/storage-core/backend';
import { otherSide, type Side } from '../machine/sides.js';
import { rankOf, stagePlans } from '../machine/stages.js';
import type { Authorities } from './authorities.js';
import { NAME } from './capabilities.js';
import { isOver, isUnreachable } from './errors.js';
import type { Moves } from './moves.js';
import type { Stores } from './stores.js';

/** Dependencies of {@link reconcileBoth}. */
export interface ReconcileContext {
  readonly stores: Stores;
  readonly authorities: Authorities;
  readonly moves: Moves;
  readonly capabilities: Parameters<typeof checkProfileRequest>[1];
}

/**
 * Gives both sides an embedding profile. A side that is not needed may be unreachable as long as nothing changes: it gets
 * the profile when it is opened ({@link adoptProfile}).
 */
export async function reconcileBoth(
  { stores, authorities, moves, capabilities }: ReconcileContext,
  profile: Parameters<VectorIndex['reconcile']>[0],
  policy: Parameters<VectorIndex['reconcile']>[1],
  options: CallOptions | undefined,
): Promise<ReconcileResult> {
  checkProfileRequest(NAME, capabilities, profile);
  const { stage } = await authorities.control();
  if (stage === 'complete') return stores.new.vectors.reconcile(profile, policy, options);
  const first = stagePlans[stage].authority;
  const second = otherSide(first);
  // While either side may hold libraries, a reset would leave vectors of both models.
  const isKept = rankOf(stage) >= rankOf('live');
  const allowed = isKept ? 'refuse' : policy;
  let result: ReconcileResult;
  try {
    result = await stores[first].vectors.reconcile(profile, allowed, options);
  } catch (error) {
    if (stage !== 'live' || !isUnreachable(error) || isOver(options)) throw error;
    const known = await stores[second].vectors.profile(options);
    if (known === null) throw error;
    return stores[second].vectors.reconcile(profile, 'refuse', options);
  }
  try {
    await stores[second].vectors.reconcile(result.profile, allowed, options);
  } catch (error) {
    if (result.outcome !== 'unchanged' || !isUnreachable(error) || isOver(options)) throw error;
  }
  if (result.outcome === 'unchanged') return result;
  // A reset begins new epochs, and what was delivered in between may have vectors of the earlier model.
  authorities.forget();
  if (stage !== 'off') await moves.backfillAll(options);
  return result;
}

/** Gives a side that was opened late the embedding profile of the other one. */
export async function adoptProfile(stores: Stores, side: Side): Promise<void> {
  const profile = await stores[otherSide(side)].vectors.profile();
  if (profile !== null) await stores[side].vectors.reconcile(profile, 'refuse');
}
