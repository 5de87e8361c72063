import type { Answer } from '../calls.js';
import type { AuthorityRow } from '../records.js';
import type { Side } from '../sides.js';
import { otherSide } from '../sides.js';
import { type DrainState, drainAfter, nextOfDrain } from './drain-task.js';
import type { Step } from './task.js';

/**
 * Moves the authority over a library: fences the side that loses it, drains its log, and admits the other one. Any other
 * task of the same kind may continue after a crash, or turn back.
 */
export interface SwitchTask {
  readonly kind: 'switch';
  readonly library: string;
  /** Side that is to hold the library. */
  readonly to: Side;
  readonly state: SwitchState;
}

/** Progress of a switch. */
export type SwitchState =
  | { readonly at: 'readLoser' }
  | { readonly at: 'readWinner'; readonly loser: AuthorityRow }
  | {
      readonly at: 'fence';
      readonly expected: number;
      readonly epoch: number;
      readonly filled: number | null;
    }
  | { readonly at: 'drain'; readonly epoch: number; readonly drain: DrainState }
  | { readonly at: 'admit'; readonly epoch: number }
  | { readonly at: 'moved' }
  | { readonly at: 'refused' };

/** Next call of a switch; null when it is over. */
export function nextOfSwitch({ library, to, state }: SwitchTask): Step | null {
  const from = otherSide(to);
  switch (state.at) {
    case 'readLoser':
      return { side: from, call: { kind: 'readAuthority', library } };
    case 'readWinner':
      return { side: to, call: { kind: 'readAuthority', library } };
    case 'fence': {
      const authority = { epoch: state.epoch, holder: to };
      return {
        side: from,
        call: { kind: 'fence', library, expected: state.expected, authority, filled: state.filled },
      };
    }
    case 'drain':
      return nextOfDrain({ kind: 'drain', library, from, state: state.drain });
    case 'admit':
      return { side: to, call: { kind: 'admit', library, epoch: state.epoch } };
    default:
      return null;
  }
}

/** State of a switch after an answer. */
export function switchAfter({ library, to, state }: SwitchTask, answer: Answer): SwitchState {
  switch (state.at) {
    case 'readLoser':
      return answer.kind === 'authority' ? { at: 'readWinner', loser: answer.row } : { at: 'refused' };
    case 'readWinner':
      return answer.kind === 'authority'
        ? begin(to, state.loser, answer.row, answer.filled)
        : { at: 'refused' };
    case 'fence':
      return answer.kind === 'done' ? drainFirst(state.epoch) : { at: 'refused' };
    case 'drain': {
      if (answer.kind === 'clean') {
        return isFencedFor(to, state.epoch, answer.authority)
          ? { at: 'admit', epoch: state.epoch }
          : { at: 'refused' };
      }
      const drain = drainAfter({ kind: 'drain', library, from: otherSide(to), state: state.drain }, answer);
      return { at: 'drain', epoch: state.epoch, drain };
    }
    case 'admit':
      return answer.kind === 'done' ? { at: 'moved' } : { at: 'refused' };
    default:
      return state;
  }
}

/** Decides where a switch begins, which may be where another one was left. */
function begin(to: Side, loser: AuthorityRow, winner: AuthorityRow, filled: number | null): SwitchState {
  if (winner.holder === to && winner.epoch >= loser.epoch && loser.holder === to) return { at: 'moved' };
  if (loser.holder === to && loser.epoch > winner.epoch) return drainFirst(loser.epoch);
  return { at: 'fence', expected: loser.epoch, epoch: Math.max(loser.epoch, winner.epoch) + 1, filled };
}

/** A switch drains until the log of the fenced side is clean: what is not delivered then would be lost. */
function drainFirst(epoch: number): SwitchState {
  return { at: 'drain', epoch, drain: { at: 'idle' } };
}

/** Returns true while the fence of this switch stands. */
function isFencedFor(to: Side, epoch: number, loser: AuthorityRow): boolean {
  return loser.holder === to && loser.epoch === epoch;
}
