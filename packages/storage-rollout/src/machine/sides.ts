/** One of the two stores of a rollout. */
export type Side = 'old' | 'new';

/** Both sides, the legacy one first. */
export const sides: readonly Side[] = ['old', 'new'];

/** Returns the side across. */
export function otherSide(side: Side): Side {
  return side === 'old' ? 'new' : 'old';
}
