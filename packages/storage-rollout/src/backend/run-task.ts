import type { CallOptions } from '@switchyard/storage-core';
import type { ChangeLog, LogNote } from '@switchyard/storage-core/backend';
import type { Answer } from '../machine/calls.js';
import { afterAnswer, nextStep, type Task } from '../machine/protocols/tasks.js';
import type { Side } from '../machine/sides.js';
import { executeCall } from '../stores/execute-call.js';

/** Change logs of both stores. */
export type Logs = Readonly<Record<Side, ChangeLog>>;

/** Settings of {@link runTask}. */
export interface RunSettings {
  readonly options?: CallOptions | undefined;
  /** Note that is kept with a change of the stage. */
  readonly note?: LogNote | undefined;
  /** Returns true after an answer when the task need not go on. */
  readonly isDone?: ((answer: Answer, task: Task) => boolean) | undefined;
  /** Returns true when the task is to be left where it is, after the step in hand. */
  readonly isStopped?: (() => boolean) | undefined;
}

/** A task where it was left, and the last answer. */
export interface TaskRun<T extends Task> {
  readonly task: T;
  readonly answer: Answer | null;
}

/**
 * Runs a task of the machine on real stores until it is over, or until it need not go on.
 *
 * @throws StorageError if a store cannot be reached.
 */
export async function runTask<T extends Task>(
  logs: Logs,
  task: T,
  { options, note, isDone = () => false, isStopped = () => false }: RunSettings = {},
): Promise<TaskRun<T>> {
  let current: Task = task;
  let answer: Answer | null = null;
  for (;;) {
    const step = nextStep(current);
    if (step === null || isStopped() || (answer !== null && isDone(answer, current)))
      return { task: current as T, answer };
    const { side, call } = step;
    if (call.kind === 'write' || call.kind === 'search') {
      throw new TypeError(`A ${call.kind} is sent by the backend, not by a task.`);
    }
    answer = await executeCall(logs[side], call, options, note);
    current = afterAnswer(current, answer);
  }
}
