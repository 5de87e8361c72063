import type { Answer } from '../calls.js';
import type { Side } from '../sides.js';
import type { Step } from './task.js';

/**
 * Number of terms that a forced switch skips. The side that cannot be reached may have begun terms that nobody else knows,
 * as after a reboot, and its row must not count when it returns.
 */
export const FORCED_TERMS = 2 ** 20;

/**
 * Takes a library from a side that cannot be reached, on the word of a person that nobody writes there. Whatever was not
 * delivered is left behind: see `RejoinTask`.
 */
export interface ForceTask {
  readonly kind: 'force';
  readonly library: string;
  /** Side that is left. */
  readonly to: Side;
  readonly state: ForceState;
}

/** Progress of a forced switch. */
export type ForceState =
  | { readonly at: 'read' }
  | { readonly at: 'admit'; readonly epoch: number }
  | { readonly at: 'forced' }
  | { readonly at: 'refused' };

/** Next call of a forced switch; null when it is over. */
export function nextOfForce({ library, to, state }: ForceTask): Step | null {
  switch (state.at) {
    case 'read':
      return { side: to, call: { kind: 'readAuthority', library } };
    case 'admit':
      return { side: to, call: { kind: 'admit', library, epoch: state.epoch } };
    default:
      return null;
  }
}

/** State of a forced switch after an answer. */
export function forceAfter({ to, state }: ForceTask, answer: Answer): ForceState {
  if (state.at === 'read' && answer.kind === 'authority') {
    const { epoch, holder } = answer.row;
    return holder === to ? { at: 'forced' } : { at: 'admit', epoch: epoch + FORCED_TERMS };
  }
  return answer.kind === 'done' ? { at: 'forced' } : { at: 'refused' };
}
