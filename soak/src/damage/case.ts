import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom, type Random } from '../harness/random.js';
import type { TaskProcess } from '../harness/task-process.js';
import { damagesFor } from './damages.js';
import { differentSteps, errorCounts, judgeDifferences, reporters, untypedFaults } from './judge.js';
import type {
  Base,
  DamageResult,
  DamageTask,
  Fault,
  Outcome,
  PlainReading,
  PlainTask,
  Question,
} from './types.js';

/** A base and the answers of the sound store. */
export interface PreparedBase {
  readonly base: Base;
  readonly bytes: ReadonlyMap<string, Buffer>;
  readonly questions: readonly Question[];
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly plain: PlainReading;
}

/** The two processes of one worker. */
export interface Pair {
  readonly user: TaskProcess;
  readonly plain: TaskProcess;
}

/** Maximum number of steps that may kill or block the process before a file is given up. */
const MAX_DEATHS = 12;
/** Interval at which a file is read through `isolation=process`. */
const ISOLATED_EVERY = 8;

/** Runs a task that has one result. @throws Error if there is none. */
async function single<T>(process: TaskProcess, task: object): Promise<T> {
  let found: { value: unknown } | null = null;
  const end = await process.run(task, { onResult: (_name, value) => (found = { value }) });
  if (found === null) throw new Error(`A task without a result: ${JSON.stringify(end)}`);
  return (found as { value: unknown }).value as T;
}

function readBytes(file: string): Map<string, Buffer> {
  const suffixes = ['', '-wal'].filter((suffix) => existsSync(file + suffix));
  return new Map(suffixes.map((suffix) => [suffix, readFileSync(file + suffix)]));
}

function writeBytes(bytes: ReadonlyMap<string, Buffer>, file: string): void {
  for (const [suffix, content] of bytes) writeFileSync(file + suffix, content);
}

/** Builds a base and records the answers of the sound store. */
export async function prepareBase(
  name: string,
  folder: string,
  { user, plain }: Pair,
): Promise<PreparedBase> {
  const base = await single<Base>(user, { type: 'build', name, folder } satisfies DamageTask);
  const bytes = readBytes(base.file);
  const questions = await single<Question[]>(user, { type: 'questions', base } satisfies DamageTask);
  const own = join(folder, 'undamaged');
  mkdirSync(own, { recursive: true });
  writeBytes(bytes, join(own, 'damaged.db'));
  const { outcomes, faults } = await useStore(user, {
    base,
    folder: own,
    questions,
    isolated: false,
    index: null,
  });
  const [fault] = [...faults, ...untypedFaults(outcomes)];
  if (fault !== undefined) throw new Error(`The sound store ${name} fails: ${JSON.stringify(fault)}`);
  const reading = await readPlainly(plain, base, questions, own);
  return { base, bytes, questions, outcomes, plain: reading };
}

async function readPlainly(
  plain: TaskProcess,
  base: Base,
  questions: readonly Question[],
  folder: string,
): Promise<PlainReading> {
  const file = join(folder, 'plain.db');
  for (const suffix of ['', '-wal', '-journal']) {
    const source = join(folder, `damaged.db${suffix}`);
    if (existsSync(source)) writeFileSync(file + suffix, readFileSync(source));
  }
  const task: PlainTask = { kind: base.kind, file, questions };
  try {
    return await single<PlainReading>(plain, task);
  } catch (error) {
    const died = `error: ${String(error)}`;
    return { answers: questions.map(() => died), objects: { process: died }, integrity: false, rows: false };
  }
}

type UseWork = Omit<Extract<DamageTask, { type: 'use' }>, 'type' | 'skip'>;

async function useStore(
  user: TaskProcess,
  work: UseWork,
): Promise<{ outcomes: Map<string, Outcome>; faults: Fault[] }> {
  const outcomes = new Map<string, Outcome>();
  const faults: Fault[] = [];
  const skip: string[] = [];
  while (skip.length < MAX_DEATHS) {
    const end = await user.run({ type: 'use', ...work, skip } satisfies DamageTask, {
      onResult: (name, value) => outcomes.set(name, value as Outcome),
    });
    if (end.kind === 'done') break;
    if (end.kind === 'failed') throw new Error(end.message);
    const detail =
      end.kind === 'died' ? `${end.how}: ${end.printed.trim().slice(-600)}` : 'no answer in time';
    faults.push({ step: end.step, kind: end.kind === 'died' ? 'abort' : 'hang', detail });
    skip.push(end.step);
  }
  return { outcomes, faults };
}

/** Damages a copy of a base, uses it, and judges the outcome. */
export async function runCase(
  id: string,
  index: number,
  random: Random,
  { base, bytes, questions, outcomes: sound, plain: plainSound }: PreparedBase,
  { user, plain }: Pair,
  { folder, keep }: { readonly folder: string; readonly keep: boolean },
): Promise<DamageResult> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'damaged.db');
  writeBytes(bytes, file);
  const damage = random.pick(damagesFor(file));
  const detail = damage.apply(file, random);
  const isolated = base.kind === 'libsql' && index % ISOLATED_EVERY === 0;
  const { outcomes, faults } = await useStore(user, { base, folder, questions, isolated, index });
  const different = differentSteps(questions, sound, outcomes);
  const reading = await readPlainly(plain, base, questions, folder);
  const judged =
    different.length === 0
      ? { silent: [], faults: [] }
      : judgeDifferences(different, questions, outcomes, plainSound, reading);
  const allFaults = [...faults, ...untypedFaults(outcomes), ...judged.faults];
  if (!keep) rmSync(folder, { recursive: true, force: true });
  return {
    id,
    base: base.name,
    damage: damage.name,
    detail,
    isolated,
    steps: outcomes.size,
    errors: errorCounts(outcomes),
    faults: allFaults.map((fault) => ({ ...fault, detail: fault.detail.slice(0, 1_000) })),
    silent: judged.silent,
    reportedBy: [...reporters(sound, outcomes), ...(reading.integrity ? [] : ['integrity_check'])],
  };
}

/** Random stream of a case: equal for a seed and an index, whatever else is run. */
export function randomOfCase(seed: string, index: number): Random {
  return createRandom(seed, 'damage', index);
}
