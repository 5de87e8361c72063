/** Messages of a task process to its parent. */
export type TaskMessage =
  | { readonly type: 'step'; readonly name: string }
  | { readonly type: 'result'; readonly name: string; readonly value: unknown }
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly message: string };

/** Functions for a running task. */
export interface TaskContext {
  /**
   * Reports the step that begins. Resolves when the parent is sure to receive it, even if the process dies immediately.
   */
  step(name: string): Promise<void>;
  /** Reports the result of a step. */
  result(name: string, value: unknown): Promise<void>;
}

/** Runs tasks that the parent process sends, one at a time. */
export function serveTasks<T>(run: (task: T, context: TaskContext) => Promise<void>): void {
  const send = (message: TaskMessage): Promise<void> =>
    new Promise((resolve) => {
      process.send?.(message, undefined, undefined, () => resolve());
    });
  const context: TaskContext = {
    step: (name) => send({ type: 'step', name }),
    result: (name, value) => send({ type: 'result', name, value }),
  };
  process.on('message', (task: T) => {
    void run(task, context).then(
      () => send({ type: 'done' }),
      (error: unknown) =>
        send({
          type: 'failed',
          message: error instanceof Error ? (error.stack ?? error.message) : String(error),
        }),
    );
  });
  process.on('disconnect', () => process.exit(0));
}
