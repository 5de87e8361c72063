import { performance } from 'node:perf_hooks';

/** One way of doing the work that is measured. */
export interface Subject<Task, Answer> {
  readonly name: string;
  run(task: Task): Promise<Answer> | Answer;
  /** Puts away what `run` left; not counted. */
  tidy?(): Promise<void> | void;
}

/** What one subject did, one for each task, in the order of the tasks. */
export interface Run<Answer> {
  readonly milliseconds: number[];
  /** Of the processor, over all threads: what a busy machine does not change much. */
  readonly cpuMilliseconds: number[];
  readonly answers: Answer[];
}

/**
 * Gives every task to every subject, one after the other in one process, and begins with another subject each time: what
 * disturbs the machine for a while disturbs all of them, and none profits from always coming after the same other one.
 *
 * @param warmUp Tasks that are done first and not counted.
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
    // Timers and closed handles of the drivers get their turn between tasks, outside of what is measured.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return runs;
}
