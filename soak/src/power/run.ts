import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VerifyTask } from '../crash/verifier.js';
import type { Verdict } from '../crash/verify.js';
import type { SoakOptions } from '../harness/options.js';
import type { Progress } from '../harness/progress.js';
import { createRandom } from '../harness/random.js';
import { StateFile } from '../harness/state-file.js';
import { TaskProcess } from '../harness/task-process.js';
import { Workspace } from '../harness/workspace.js';
import { type Cut, chooseCuts, type Expectation, Player } from './cuts.js';
import type { Loss } from './disk.js';
import type { DiskEvent } from './events.js';
import { type Recording, record, recordings } from './record.js';

const VERIFY_MS = 90_000;

/** Result of one image. */
export interface CutResult {
  readonly id: string;
  readonly recording: string;
  readonly at: number;
  readonly loss: Loss;
  readonly acknowledged: number;
  readonly guaranteed: number;
  /** Number of acknowledged operations that are not in the image; null if its state is not allowed. */
  readonly lost: number | null;
  readonly compared: number;
  readonly faults: readonly string[];
}

interface Processes {
  readonly verifier: TaskProcess;
  readonly integrity: TaskProcess;
}

/**
 * Records stores and verifies the requested number of images of power cuts.
 *
 * @param tamper Changes the recording, to test that a disk which loses synced data is detected.
 */
export async function runPower(
  options: SoakOptions,
  progress: Progress,
  tamper: (events: DiskEvent[]) => DiskEvent[] = (events) => events,
): Promise<readonly CutResult[]> {
  const { seed, count, only } = options;
  const chosen = recordings.filter(({ name }) => only === null || only.includes(name));
  if (chosen.length === 0)
    throw new TypeError(`--only must list some of: ${recordings.map(({ name }) => name).join(', ')}.`);
  const state = new StateFile<CutResult>(options.state, options.fresh);
  const workspace = new Workspace('power');
  if (options.keep) workspace.keep();
  const all: Processes[] = [];
  try {
    const each = Math.ceil(count / chosen.length);
    // One worker per recording: a recording is played in order.
    const left = [...chosen];
    await Promise.all(
      Array.from({ length: Math.min(options.workers, chosen.length) }, async () => {
        const processes = {
          verifier: new TaskProcess(new URL('../crash/verifier.js', import.meta.url), VERIFY_MS),
          integrity: new TaskProcess(new URL('./integrity.js', import.meta.url), VERIFY_MS),
        };
        all.push(processes);
        for (let next = left.shift(); next !== undefined; next = left.shift()) {
          await playRecording(next, each, {
            seed,
            state,
            workspace,
            processes,
            progress,
            tamper,
            total: each * chosen.length,
          });
        }
      }),
    );
    return state.results;
  } finally {
    for (const { verifier, integrity } of all) {
      verifier.stop();
      integrity.stop();
    }
    if (!options.keep) workspace.remove();
  }
}

interface PlayContext {
  readonly seed: string;
  readonly state: StateFile<CutResult>;
  readonly workspace: Workspace;
  readonly processes: Processes;
  readonly progress: Progress;
  readonly tamper: (events: DiskEvent[]) => DiskEvent[];
  readonly total: number;
}

async function playRecording(recording: Recording, count: number, context: PlayContext): Promise<void> {
  const { seed, state, workspace, processes, progress, tamper, total } = context;
  const { name } = recording;
  progress.say(`Recording ${name}: ${recording.operations} operations.`);
  const events: readonly DiskEvent[] = tamper(
    await record(recording, `${seed}.${name}`, workspace.path(name)),
  );
  const cuts = chooseCuts(events, count, createRandom(seed, 'cuts', name));
  const player = new Player(events);
  for (const cut of cuts) {
    const id = `${seed}-${name}-${cut.index}`;
    player.playTo(cut.at);
    if (state.has(id)) continue;
    const folder = workspace.path(`image-${id}`);
    const random = createRandom(seed, 'image', name, cut.index);
    const result = await verifyImage(
      id,
      recording,
      cut,
      player.image(cut.loss, random),
      player.expectation(),
      folder,
      processes,
    );
    state.add(result);
    if (result.faults.length > 0) progress.say(`${id} (${cut.loss} at ${cut.at}): ${result.faults[0]}`);
    else rmSync(folder, { recursive: true, force: true });
    progress.step(
      state.results.length,
      total,
      `${state.results.filter(({ faults }) => faults.length > 0).length} with faults`,
    );
  }
}

async function verifyImage(
  id: string,
  { name, scheme, dimension }: Recording,
  { at, loss }: Cut,
  files: ReadonlyMap<string, Buffer>,
  { states, operations, acknowledged, guaranteed }: Expectation,
  folder: string,
  { verifier, integrity }: Processes,
): Promise<CutResult> {
  mkdirSync(folder, { recursive: true });
  for (const [file, bytes] of files) writeFileSync(join(folder, file), bytes);
  const file = join(folder, 'store.db');
  const faults: string[] = [];
  const finding = existsSync(file) ? await checkIntegrity(integrity, file, folder) : 'ok';
  if (finding !== 'ok') faults.push(`integrity_check: ${finding}`);
  const task: VerifyTask = { connection: `${scheme}${file}`, token: undefined, states, dimension, seed: id };
  let verdict: Verdict | null = null;
  const end = await verifier.run(task, {
    onResult: (_name, value) => {
      verdict = value as Verdict;
    },
  });
  const found = verdict as Verdict | null;
  if (found === null) faults.push(`the verifier ${JSON.stringify(end)}`);
  else faults.push(...found.faults);
  const reached = found?.state ?? null;
  const lost = reached === null ? null : Math.max(0, acknowledged - (operations[reached] as number));
  return {
    id,
    recording: name,
    at,
    loss,
    acknowledged,
    guaranteed,
    lost,
    compared: found?.compared ?? 0,
    faults,
  };
}

/** Checks a copy: opening an image checkpoints its WAL. */
async function checkIntegrity(integrity: TaskProcess, file: string, folder: string): Promise<string> {
  const own = join(folder, 'integrity');
  mkdirSync(own);
  for (const suffix of ['', '-wal', '-journal']) {
    if (existsSync(file + suffix)) copyFileSync(file + suffix, join(own, `store.db${suffix}`));
  }
  let finding = 'no answer';
  await integrity.run(
    { file: join(own, 'store.db') },
    {
      onResult: (_name, value) => {
        finding = String(value);
      },
    },
  );
  rmSync(own, { recursive: true, force: true });
  return finding;
}
