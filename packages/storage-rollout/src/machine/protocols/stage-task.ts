import type { Answer } from '../calls.js';
import type { ControlRow, StageCommand } from '../control.js';
import { deciderOf, latestRow, stageAfter } from '../control.js';
import type { Side } from '../sides.js';
import { otherSide } from '../sides.js';
import type { Step } from './task.js';

/** Change of the stage by a person, or by a gate that fails. */
export interface StageTask {
  readonly kind: 'stage';
  readonly command: StageCommand;
  readonly state: StageState;
}

type Filled = Readonly<Record<string, number | null>>;
type Reading = Extract<Answer, { readonly kind: 'control' }>;

/**
 * Progress of a change of the stage: reads both rows, gives the side that decides the one that counts if it lacks it,
 * changes it there, and carries the result to the other side. A process that finds two rows carries the higher one.
 */
export type StageState =
  | { readonly at: 'readOld' }
  | { readonly at: 'readNew'; readonly ofOld: Reading }
  | { readonly at: 'catchUp'; readonly row: ControlRow; readonly filled: Filled }
  | { readonly at: 'change'; readonly row: ControlRow; readonly filled: Filled }
  | { readonly at: 'carry'; readonly to: Side; readonly row: ControlRow }
  | { readonly at: 'changed' }
  | { readonly at: 'refused' };

/** Next call of a change of the stage; null when it is over. */
export function nextOfStage({ command, state }: StageTask): Step | null {
  switch (state.at) {
    case 'readOld':
      return { side: 'old', call: { kind: 'readControl' } };
    case 'readNew':
      return { side: 'new', call: { kind: 'readControl' } };
    case 'catchUp':
      return { side: deciderOf(state.row.stage), call: { kind: 'carryStage', row: state.row } };
    case 'change': {
      const { row, filled } = state;
      const call = { kind: 'changeStage', expected: row.revision, command, filled } as const;
      return { side: deciderOf(row.stage), call };
    }
    case 'carry':
      return { side: state.to, call: { kind: 'carryStage', row: state.row } };
    default:
      return null;
  }
}

/** State of a change of the stage after an answer. */
export function stageTaskAfter({ command, state }: StageTask, answer: Answer): StageState {
  switch (state.at) {
    case 'readOld':
      return answer.kind === 'control' ? { at: 'readNew', ofOld: answer } : { at: 'refused' };
    case 'readNew':
      return answer.kind === 'control' ? begin({ old: state.ofOld, new: answer }) : { at: 'refused' };
    case 'catchUp':
      return answer.kind === 'done' ? { ...state, at: 'change' } : { at: 'refused' };
    case 'change': {
      const row = stageAfter(state.row, command);
      if (answer.kind !== 'done' || row === null) return { at: 'refused' };
      return { at: 'carry', to: otherSide(deciderOf(state.row.stage)), row };
    }
    case 'carry':
      // A refusal means that a later row is there.
      return { at: 'changed' };
    default:
      return state;
  }
}

/** Decides where the stage is changed. */
function begin(readings: Readonly<Record<Side, Reading>>): StageState {
  const row = latestRow(readings.old.row, readings.new.row);
  const decider = deciderOf(row.stage);
  const { filled } = readings[otherSide(decider)];
  return { at: readings[decider].row.revision < row.revision ? 'catchUp' : 'change', row, filled };
}
