import type { Answer, Change } from '../calls.js';
import type { AuthorityRow } from '../records.js';
import type { Side } from '../sides.js';
import { otherSide } from '../sides.js';
import type { Step } from './task.js';

/**
 * Brings a side back from which a library was taken by force: keeps what it had not delivered as conflicts on the holder,
 * never merged, and only then tells it who holds the library. From then on it takes puts, which replace what it had. A state
 * that the holder has is no conflict. The side counts as unfilled.
 */
export interface RejoinTask {
  readonly kind: 'rejoin';
  readonly library: string;
  /** Side that holds the library. */
  readonly to: Side;
  readonly state: RejoinState;
}

/** Progress of a return. */
export type RejoinState =
  | { readonly at: 'read' }
  | { readonly at: 'take'; readonly holder: AuthorityRow }
  | { readonly at: 'closeGaps'; readonly holder: AuthorityRow; readonly epoch: number }
  | { readonly at: 'compare' | 'keep' | 'clear'; readonly holder: AuthorityRow; readonly change: Change }
  | { readonly at: 'announce'; readonly holder: AuthorityRow }
  | { readonly at: 'rejoined' }
  | { readonly at: 'refused' };

/** Next call of a return; null when it is over. */
export function nextOfRejoin({ library, to, state }: RejoinTask): Step | null {
  const from = otherSide(to);
  switch (state.at) {
    case 'read':
      return { side: to, call: { kind: 'readAuthority', library } };
    case 'announce':
      return { side: from, call: { kind: 'announce', library, authority: state.holder, gaps: [] } };
    case 'take':
      return { side: from, call: { kind: 'takeChange', library, seen: null } };
    case 'closeGaps':
      return { side: from, call: { kind: 'closeGaps', library, epoch: state.epoch } };
    case 'compare': {
      const since = { epoch: state.holder.epoch, sequence: Number.MAX_SAFE_INTEGER };
      return { side: to, call: { kind: 'readPage', library, page: state.change.page, since } };
    }
    case 'keep': {
      const { page, content, position } = state.change;
      return { side: to, call: { kind: 'keepConflict', library, page, content, position } };
    }
    case 'clear': {
      const { page, position } = state.change;
      return { side: from, call: { kind: 'clear', library, page, position } };
    }
    default:
      return null;
  }
}

/** State of a return after an answer. What a power cut took there is not looked for: the holder has its own state. */
export function rejoinAfter({ to, state }: RejoinTask, answer: Answer): RejoinState {
  if (answer.kind === 'refused') return { at: 'refused' };
  switch (state.at) {
    case 'read':
      return answer.kind === 'authority' && answer.row.holder === to
        ? { at: 'take', holder: answer.row }
        : { at: 'refused' };
    case 'take': {
      const { holder } = state;
      if (answer.kind === 'change') return { at: 'compare', holder, change: answer.change };
      if (answer.kind === 'gap') return { at: 'closeGaps', holder, epoch: answer.authority.epoch };
      return { at: 'announce', holder };
    }
    case 'compare': {
      const isHeld = answer.kind === 'page' && answer.content.write === state.change.content.write;
      return { ...state, at: isHeld ? 'clear' : 'keep' };
    }
    case 'keep':
      return { ...state, at: 'clear' };
    case 'clear':
    case 'closeGaps':
      return { at: 'take', holder: state.holder };
    case 'announce':
      return { at: 'rejoined' };
    default:
      return state;
  }
}
