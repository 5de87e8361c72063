import { performance } from 'node:perf_hooks';

/** One contender for the measured work. */
export interface Subject<Task, Answer> {
  readonly name: string;
  run(task: Task): Promise<Answer> | Answer;
  /** Cleans up after `run`; not measured. */
  tidy?(): Promise<void> | void;
}

/** Results of one subject, one for each task, in the order of the tasks. */
export interface Run<Answer> {
  readonly milliseconds: number[];
  /** Processor time over all threads, which a busy machine hardly affects. */
  readonly cpuMilliseconds: number[];
  readonly answers: Answer[];
}

/**
 * Gives every task to every subject, one after the other in one process, starting with a different subject each time:
 * temporary disturbances affect all of them, and none benefits from always following the same other one.
 *
 * @param warmUp Number of tasks that are run first and not counted.
 */
export async function interleave<Task, Answer>(
  subjects: readonly Subject<Task, Answer>[],
  tasks: readonly Task[],
  warmUp: readonly Task[] = [],
): Promise<Run<Answer>[]> {
  const runs = subjects.map((): Run<Answer> => ({ milliseconds: [], cpuMilliseconds: [], answers: [] }));
  for (const task of warmUp) {
    for (const subject of subjects) {
      await subject.run(task);
      await subject.tidy?.();
    }
  }
  for (const [turn, task] of tasks.entries()) {
    for (let place = 0; place < subjects.length; place++) {
      const index = (turn + place) % subjects.length;
      const subject = subjects[index] as Subject<Task, Answer>;
      const run = runs[index] as Run<Answer>;
      const cpu = process.cpuUsage();
      const start = performance.now();
      const answer = await subject.run(task);
      run.milliseconds.push(performance.now() - start);
      const { user, system } = process.cpuUsage(cpu);
      run.cpuMilliseconds.push((user + system) / 1000);
      run.answers.push(answer);
      await subject.tidy?.();
    }
    // Timers and closed handles of the drivers run between tasks, outside of the measurement.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return runs;
}
