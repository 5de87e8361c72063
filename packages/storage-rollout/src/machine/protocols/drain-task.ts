import type { Answer, Change } from '../calls.js';
import type { Position } from '../position.js';
import type { AuthorityRow, Boot, Gap } from '../records.js';
import type { Side } from '../sides.js';
import { otherSide } from '../sides.js';
import type { Step } from './task.js';

/**
 * Brings what one side has logged to the other: takes a change, puts it, makes it durable, and only then clears it. Also
 * restores what the authority lost in a power cut.
 */
export interface DrainTask {
  readonly kind: 'drain';
  readonly library: string;
  /** Side whose log is drained. */
  readonly from: Side;
  readonly state: DrainState;
}

/** Progress of a drain. It never ends; `idle` waits for changes. */
export type DrainState =
  | { readonly at: 'idle' }
  | { readonly at: 'take'; readonly seen: Position | null }
  | { readonly at: 'put'; readonly epoch: number; readonly change: Change }
  | { readonly at: 'sync'; readonly change: Change; readonly seen: Position; readonly boot: Boot }
  | { readonly at: 'clear'; readonly change: Change; readonly seen: Position }
  | { readonly at: 'raise'; readonly epoch: number; readonly seen: Position }
  | { readonly at: 'announce'; readonly authority: AuthorityRow; readonly gaps: readonly Gap[] }
  | { readonly at: 'carry'; readonly epoch: number; readonly orphans: readonly [Change, ...Change[]] }
  | { readonly at: 'close'; readonly epoch: number };

/** Next call of a drain. */
export function nextOfDrain({ library, from, state }: DrainTask): Step {
  const to = otherSide(from);
  switch (state.at) {
    case 'idle':
      return { side: from, call: { kind: 'takeChange', library, seen: null } };
    case 'take':
      return { side: from, call: { kind: 'takeChange', library, seen: state.seen } };
    case 'put':
      return {
        side: to,
        call: { kind: 'put', library, source: 'drain', epoch: state.epoch, ...state.change },
      };
    case 'sync':
      return { side: to, call: { kind: 'sync', boot: state.boot } };
    case 'clear':
      return {
        side: from,
        call: { kind: 'clear', library, page: state.change.page, position: state.change.position },
      };
    case 'raise':
      return { side: from, call: { kind: 'raise', library, expected: state.epoch, seen: state.seen } };
    case 'announce':
      return { side: to, call: { kind: 'announce', library, authority: state.authority, gaps: state.gaps } };
    case 'carry': {
      const [{ page, content, position, operations }] = state.orphans;
      const { epoch } = state;
      return {
        side: from,
        call: { kind: 'carryBack', library, page, content, operations, from: position, epoch },
      };
    }
    case 'close':
      return { side: from, call: { kind: 'closeGaps', library, epoch: state.epoch } };
  }
}

/** State of a drain after an answer. */
export function drainAfter({ state }: DrainTask, answer: Answer): DrainState {
  switch (answer.kind) {
    case 'clean':
      return { at: 'idle' };
    case 'change':
      return { at: 'put', epoch: answer.epoch, change: answer.change };
    case 'gap':
      return { at: 'announce', authority: answer.authority, gaps: answer.gaps };
    case 'behind':
      return state.at === 'take' && state.seen !== null
        ? { at: 'raise', epoch: answer.epoch, seen: state.seen }
        : { at: 'idle' };
    case 'put':
      return state.at === 'put'
        ? { at: 'sync', change: state.change, seen: answer.seen, boot: answer.boot }
        : { at: 'idle' };
    case 'orphans':
      return state.at === 'announce' ? carry(answer.orphans, state.authority.epoch) : { at: 'idle' };
    case 'written':
    case 'done':
      return afterStep(state);
    default:
      return { at: 'idle' };
  }
}

function afterStep(state: DrainState): DrainState {
  switch (state.at) {
    case 'sync':
      return { at: 'clear', change: state.change, seen: state.seen };
    case 'clear':
      return { at: 'take', seen: state.seen };
    case 'carry':
      return carry(state.orphans.slice(1), state.epoch);
    default:
      return { at: 'idle' };
  }
}

function carry([first, ...others]: readonly Change[], epoch: number): DrainState {
  return first === undefined ? { at: 'close', epoch } : { at: 'carry', epoch, orphans: [first, ...others] };
}
