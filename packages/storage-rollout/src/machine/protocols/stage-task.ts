import type { Answer } from '../calls.js';
import type { StageCommand } from '../control.js';
import type { Step } from './task.js';

/** Change of the stage by a person, or by a gate that fails. */
export interface StageTask {
  readonly kind: 'stage';
  readonly command: StageCommand;
  readonly state: StageState;
}

type Filled = Readonly<Record<string, number | null>>;

/** Progress of a change of the stage. */
export type StageState =
  | { readonly at: 'markers' }
  | { readonly at: 'read'; readonly filled: Filled }
  | { readonly at: 'change'; readonly filled: Filled; readonly expected: number }
  | { readonly at: 'changed' }
  | { readonly at: 'refused' };

/** Next call of a change of the stage; null when it is over. */
export function nextOfStage({ command, state }: StageTask): Step | null {
  switch (state.at) {
    case 'markers':
      return { side: 'new', call: { kind: 'readControl' } };
    case 'read':
      return { side: 'old', call: { kind: 'readControl' } };
    case 'change':
      return {
        side: 'old',
        call: { kind: 'changeStage', expected: state.expected, command, filled: state.filled },
      };
    default:
      return null;
  }
}

/** State of a change of the stage after an answer. */
export function stageTaskAfter({ state }: StageTask, answer: Answer): StageState {
  if (answer.kind === 'refused') return { at: 'refused' };
  if (state.at === 'change') return { at: 'changed' };
  if (answer.kind !== 'control') return state;
  return state.at === 'read'
    ? { at: 'change', filled: state.filled, expected: answer.row.revision }
    : { at: 'read', filled: answer.filled };
}
