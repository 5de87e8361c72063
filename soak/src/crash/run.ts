import { existsSync, rmSync } from 'node:fs';
import { findSqld, sqldHint } from '@switchyard/sqld';
import type { SoakOptions } from '../harness/options.js';
import type { Progress } from '../harness/progress.js';
import { StateFile } from '../harness/state-file.js';
import { TaskProcess } from '../harness/task-process.js';
import { Workspace } from '../harness/workspace.js';
import { Episode, type EpisodeResult } from './episode.js';
import { MODE_WEIGHTS, MODES, type Mode, needsServer } from './modes.js';

const VERIFY_MS = 90_000;
/** Number of crashes per store. */
export const CRASHES_PER_EPISODE = 20;

/** Modes in the order in which episodes use them. */
function chooseModes(only: readonly string[] | null, progress: Progress): Mode[] {
  const unknown = only?.find((name) => !MODES.includes(name as Mode));
  if (unknown !== undefined)
    throw new TypeError(`Unknown mode '${unknown}' in --only. Known modes: ${MODES.join(', ')}.`);
  const haveServer = findSqld() !== null;
  const chosen = MODES.filter((mode) => only === null || only.includes(mode));
  const possible = chosen.filter((mode) => haveServer || !needsServer(mode));
  if (possible.length < chosen.length) progress.say(`Skipping servers and replicas: ${sqldHint()}`);
  // Interleaved, so that a short run covers every mode.
  const rounds = Math.max(...Object.values(MODE_WEIGHTS));
  return Array.from({ length: rounds }, (_, round) =>
    possible.filter((mode) => MODE_WEIGHTS[mode] > round),
  ).flat();
}

/** Runs episodes until the requested number of crashes is reached, and returns all results. */
export async function runCrashes(
  options: SoakOptions,
  progress: Progress,
  perEpisode = CRASHES_PER_EPISODE,
): Promise<readonly EpisodeResult[]> {
  const { seed, count, only, workers } = options;
  const modes = chooseModes(only, progress);
  const state = new StateFile<EpisodeResult>(options.state, options.fresh);
  const workspace = new Workspace('crash');
  if (options.keep) workspace.keep();
  const episodes = Math.ceil(count / perEpisode);
  let next = 0;
  const lanes = Array.from(
    { length: workers },
    () => new TaskProcess(new URL('./verifier.js', import.meta.url), VERIFY_MS),
  );
  try {
    await Promise.all(
      lanes.map(async (verifier) => {
        for (let index = next++; index < episodes; index = next++) {
          const mode = modes[index % modes.length] as Mode;
          const id = `${seed}-${mode}-${index}`;
          if (state.has(id)) continue;
          const folder = workspace.path(id);
          const crashes = Math.min(perEpisode, count - index * perEpisode);
          const result = await new Episode(id, folder, verifier).run(mode, crashes);
          state.add(result);
          if (result.faults.length > 0) progress.say(`${id}: ${result.faults[0]}`);
          else if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
          const done = state.results.reduce((sum, { crashes: kinds }) => sum + total(kinds), 0);
          const failed = state.results.filter(({ faults }) => faults.length > 0).length;
          progress.step(done, count, `${failed} stores with faults`);
        }
      }),
    );
    return state.results;
  } finally {
    for (const verifier of lanes) verifier.stop();
    if (!options.keep) workspace.remove();
  }
}

export function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
