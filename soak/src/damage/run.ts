import type { SoakOptions } from '../harness/options.js';
import type { Progress } from '../harness/progress.js';
import { createRandom } from '../harness/random.js';
import { StateFile } from '../harness/state-file.js';
import { TaskProcess } from '../harness/task-process.js';
import { Workspace } from '../harness/workspace.js';
import { baseNames } from './build-bases.js';
import { type Pair, type PreparedBase, prepareBase, randomOfCase, runCase } from './case.js';
import type { DamageResult } from './types.js';

/** Maximum duration of one step in milliseconds. Generous, since the machine may be busy. */
const STEP_MS = 60_000;

/** Damages the requested number of files, and returns all results. */
export async function runDamage(
  options: SoakOptions,
  progress: Progress,
  withFixtures = true,
): Promise<readonly DamageResult[]> {
  const { seed, count, only, workers } = options;
  if (options.case !== null) return [await runOneCase(options)];
  const state = new StateFile<DamageResult>(options.state, options.fresh);
  const workspace = new Workspace('damage');
  if (options.keep) workspace.keep();
  const pairs = Array.from({ length: workers }, createPair);
  try {
    const names = drawnNames(only, withFixtures);
    const prepared = new Map<string, Promise<PreparedBase>>();
    const prepare = (name: string, pair: Pair): Promise<PreparedBase> => {
      const found = prepared.get(name) ?? prepareBase(name, workspace.path(`base-${name}`), pair);
      prepared.set(name, found);
      return found;
    };
    let next = 0;
    const idOf = (index: number): string => `${seed}-${index}`;
    const report = (): void => {
      const { results } = state;
      const faulty = results.filter(({ faults }) => faults.length > 0).length;
      progress.step(results.length, count, `${faulty} with faults`);
    };
    await Promise.all(
      pairs.map(async (pair) => {
        for (let index = next++; index < count; index = next++) {
          if (state.has(idOf(index))) continue;
          const base = await prepare(createRandom(seed, 'base', index).pick(names), pair);
          const folder = workspace.path(`case-${index}`);
          state.add(
            await runCase(idOf(index), index, randomOfCase(seed, index), base, pair, { folder, keep: false }),
          );
          report();
        }
      }),
    );
    return state.results;
  } finally {
    for (const { user, plain } of pairs) {
      user.stop();
      plain.stop();
    }
    if (!options.keep) workspace.remove();
  }
}

function createPair(): Pair {
  return {
    user: new TaskProcess(new URL('./use.js', import.meta.url), STEP_MS),
    plain: new TaskProcess(new URL('./plain.js', import.meta.url), STEP_MS),
  };
}

function drawnNames(only: readonly string[] | null, withFixtures: boolean): string[] {
  const all = baseNames(withFixtures);
  const names = all.filter(({ name }) => only === null || only.includes(name));
  if (names.length === 0)
    throw new TypeError(`--only must list some of: ${all.map(({ name }) => name).join(', ')}.`);
  return names.flatMap(({ name, weight }) => Array.from({ length: weight }, () => name));
}

/** Repeats one case of an earlier run. Its files are kept with --keep. */
async function runOneCase({ case: id, only, keep }: SoakOptions): Promise<DamageResult> {
  const [, seed = '', index = ''] = /^(.*)-(\d+)$/.exec(id ?? '') ?? [];
  if (index === '') throw new TypeError(`--case must be an id of the summary, such as 1-116, not '${id}'.`);
  const workspace = new Workspace('damage');
  if (keep) workspace.keep();
  const pair = createPair();
  try {
    const name = createRandom(seed, 'base', index).pick(drawnNames(only, true));
    const base = await prepareBase(name, workspace.path(`base-${name}`), pair);
    const folder = workspace.path(`case-${index}`);
    const result = await runCase(
      `${seed}-${index}`,
      Number(index),
      randomOfCase(seed, Number(index)),
      base,
      pair,
      { folder, keep },
    );
    console.log(JSON.stringify({ ...result, folder: keep ? folder : undefined }, null, 2));
    return result;
  } finally {
    pair.user.stop();
    pair.plain.stop();
  }
}
