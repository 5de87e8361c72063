import type { Answer, Write } from '../calls.js';
import type { Position } from '../position.js';
import type { AuthorityRow } from '../records.js';
import { resolveAuthority } from '../resolve-authority.js';
import type { Side } from '../sides.js';
import type { Step } from './task.js';

/** Write of a caller: sent to the authority, which is looked up again whenever a store refuses. */
export interface WriteTask {
  readonly kind: 'write';
  readonly write: Omit<Write, 'epoch'>;
  /** A writer that knows nothing of the rollout always writes to the old side, without an epoch. */
  readonly isAware: boolean;
  readonly state: WriteState;
}

/** Progress of a write. */
export type WriteState =
  | { readonly at: 'write'; readonly side: Side; readonly epoch: number }
  | { readonly at: 'locate' }
  | { readonly at: 'locateNew'; readonly ofOld: AuthorityRow }
  | { readonly at: 'acknowledged'; readonly position: Position | null }
  | { readonly at: 'failed' };

/** Next call of a write; null when it is over. */
export function nextOfWrite({ write, isAware, state }: WriteTask): Step | null {
  const { library } = write;
  switch (state.at) {
    case 'write':
      return { side: state.side, call: { ...write, epoch: isAware ? state.epoch : null } };
    case 'locate':
      return { side: 'old', call: { kind: 'readAuthority', library } };
    case 'locateNew':
      return { side: 'new', call: { kind: 'readAuthority', library } };
    default:
      return null;
  }
}

/** State of a write after an answer. */
export function writeAfter({ isAware, state }: WriteTask, answer: Answer): WriteState {
  if (answer.kind === 'written') return { at: 'acknowledged', position: answer.position };
  if (answer.kind === 'refused') return isAware ? { at: 'locate' } : { at: 'failed' };
  if (answer.kind !== 'authority') return state;
  if (state.at === 'locate') return { at: 'locateNew', ofOld: answer.row };
  if (state.at !== 'locateNew') return state;
  const found = resolveAuthority({ old: state.ofOld, new: answer.row });
  return found.kind === 'held' ? { at: 'write', side: found.side, epoch: found.epoch } : { at: 'locate' };
}
