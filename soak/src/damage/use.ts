// Uses damaged stores like an application and a user would, in a process that may crash or hang. Tells its parent about
// every step before it starts.
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createBackend } from '../content/open-store.js';
import { serveTasks, type TaskContext } from '../harness/task-server.js';
import { answer } from './answers.js';
import { buildBase } from './build-bases.js';
import { commandSteps } from './command-steps.js';
import { outcomeOf } from './outcome.js';
import { chooseQuestions, connectionOf, stepOf, storeOf } from './questions.js';
import type { DamageTask } from './types.js';
import { writeSteps } from './write-steps.js';

serveTasks<DamageTask>(async (task, context) => {
  if (task.type === 'build') {
    await context.result('base', await buildBase(task.name, task.folder));
  } else if (task.type === 'questions') {
    await context.result('questions', await chooseQuestions(task.base, task.base.sound));
  } else {
    await useDamaged(task, context);
  }
});

/** Copies the damaged store for one group of steps, which may change it. */
function copyFor(folder: string, group: string): string {
  const own = join(folder, group);
  mkdirSync(own, { recursive: true });
  const file = join(own, 'store.db');
  for (const suffix of ['', '-wal', '-journal']) {
    const source = join(folder, `damaged.db${suffix}`);
    if (existsSync(source)) copyFileSync(source, file + suffix);
  }
  return file;
}

type UseTask = Extract<DamageTask, { type: 'use' }>;

async function useDamaged(task: UseTask, context: TaskContext): Promise<void> {
  const { base, folder, questions, isolated } = task;
  const skipped = new Set(task.skip);
  const step = async (name: string, work: () => unknown): Promise<boolean> => {
    if (skipped.has(name)) return false;
    await context.step(name);
    const outcome = await outcomeOf(work);
    await context.result(name, outcome);
    return outcome.kind === 'answer';
  };

  // Each attempt gets its own copies: the one before may have died in the middle of a write.
  const group = (name: string): string => copyFor(folder, `${name}-${task.skip.length}`);
  const backend = createBackend(connectionOf(base.kind, group('read'), isolated), true);
  if (await step('open', () => backend.open())) {
    for (const [index, question] of questions.entries()) {
      await step(stepOf(question, index), () => answer(backend, question));
    }
    await step('stats', () => backend.vectors.stats());
    await step('inspect-port', async () => (await backend.inspect()).counts);
    await step('audit-fts', async () => (await backend.fts.audit()).problems.length);
    await step('audit-vectors', async () => (await backend.vectors.audit()).problems.length);
  }
  await step('close', () => backend.close());
  await useCommands(task, group, step);
  const writable = connectionOf(base.kind, group('write'), isolated);
  for (const { name, run } of writeSteps(writable, questions)) await step(name, run);
}

async function useCommands(
  { base, index }: UseTask,
  group: (name: string) => string,
  step: (name: string, work: () => unknown) => Promise<boolean>,
): Promise<void> {
  for (const { name, run } of commandSteps(base, index)) {
    const file = group(name);
    await step(`command-${name}`, () => run(storeOf(base.kind, file), file, base));
  }
}
