import type { RolloutSide } from '@switchyard/storage-core/backend';

/** One of the two stores of a rollout. */
export type Side = RolloutSide;

/** Both sides, the legacy one first. */
export const sides: readonly Side[] = ['old', 'new'];

/** Returns the side across. */
export function otherSide(side: Side): Side {
  return side === 'old' ? 'new' : 'old';
}
