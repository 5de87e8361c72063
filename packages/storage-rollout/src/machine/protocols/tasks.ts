import type { Answer } from '../calls.js';
import { type BackfillTask, backfillAfter, nextOfBackfill } from './backfill-task.js';
import { type CompareTask, compareAfter, nextOfCompare } from './compare-task.js';
import { type DrainTask, drainAfter, nextOfDrain } from './drain-task.js';
import { type ForceTask, forceAfter, nextOfForce } from './force-task.js';
import { nextOfRejoin, type RejoinTask, rejoinAfter } from './rejoin-task.js';
import { nextOfRepair, type RepairTask, repairAfter } from './repair-task.js';
import { nextOfStage, type StageTask, stageTaskAfter } from './stage-task.js';
import { nextOfSwitch, type SwitchTask, switchAfter } from './switch-task.js';
import type { Step } from './task.js';
import { nextOfWrite, type WriteTask, writeAfter } from './write-task.js';

/** Work of a process, as a value: the next call follows from its state, and its next state from the answer. */
export type Task =
  | WriteTask
  | DrainTask
  | SwitchTask
  | BackfillTask
  | StageTask
  | CompareTask
  | RepairTask
  | ForceTask
  | RejoinTask;

/** Returns the next call of a task; null when it is over. */
export function nextStep(task: Task): Step | null {
  switch (task.kind) {
    case 'write':
      return nextOfWrite(task);
    case 'drain':
      return nextOfDrain(task);
    case 'switch':
      return nextOfSwitch(task);
    case 'backfill':
      return nextOfBackfill(task);
    case 'stage':
      return nextOfStage(task);
    case 'compare':
      return nextOfCompare(task);
    case 'repair':
      return nextOfRepair(task);
    case 'force':
      return nextOfForce(task);
    case 'rejoin':
      return nextOfRejoin(task);
  }
}

/** Returns the task after an answer to its last call. */
export function afterAnswer(task: Task, answer: Answer): Task {
  switch (task.kind) {
    case 'write':
      return { ...task, state: writeAfter(task, answer) };
    case 'drain':
      return { ...task, state: drainAfter(task, answer) };
    case 'switch':
      return { ...task, state: switchAfter(task, answer) };
    case 'backfill':
      return { ...task, state: backfillAfter(task, answer) };
    case 'stage':
      return { ...task, state: stageTaskAfter(task, answer) };
    case 'compare':
      return { ...task, state: compareAfter(task, answer) };
    case 'repair':
      return { ...task, state: repairAfter(task, answer) };
    case 'force':
      return { ...task, state: forceAfter(task, answer) };
    case 'rejoin':
      return { ...task, state: rejoinAfter(task, answer) };
  }
}
