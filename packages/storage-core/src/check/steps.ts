import type { MaintenanceOptions } from '../ports/store-maintenance.js';
import { checkCall } from '../runtime/deadline.js';
import { nextTurn } from '../runtime/event-loop.js';

/** One part of a maintenance call. A generator yields where the event loop may run. */
export interface MaintenanceStep {
  /** Name of the step, such as `full text`. */
  readonly name: string;
  /** Performs the step. */
  readonly work: () => void | Promise<void> | Generator<unknown, void>;
}

/**
 * Runs steps in order. The event loop runs before each step and at each `yield`; an abort or a deadline takes effect
 * there.
 *
 * @param onFailure Receives the error of a step; the next step runs when it returns.
 * @throws StorageError `STORAGE_ABORTED`, `STORAGE_TIMEOUT`; any error of `onFailure`.
 */
export async function runSteps(
  backend: string,
  steps: readonly MaintenanceStep[],
  options: MaintenanceOptions | undefined,
  onFailure: (error: unknown, step: MaintenanceStep) => void,
): Promise<void> {
  const turn = async () => {
    await nextTurn();
    checkCall(options, backend);
  };
  for (const [done, step] of steps.entries()) {
    options?.onProgress?.({ done, total: steps.length, step: step.name });
    await turn();
    try {
      const work = step.work();
      if (work instanceof Promise) await work;
      else if (work !== undefined) while (work.next().done !== true) await turn();
    } catch (error) {
      checkCall(options, backend);
      onFailure(error, step);
    }
  }
  const last = steps.at(-1);
  if (last !== undefined) options?.onProgress?.({ done: steps.length, total: steps.length, step: last.name });
}
