import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Progress } from '../harness/progress.js';

/** The folder `bench` of the repository. */
export const benchFolder = fileURLToPath(new URL('../../', import.meta.url));

/** The repository. */
export const rootFolder = join(benchFolder, '..');

/** Where the packages stand whose documentation is read. */
export const corpusFolder = join(benchFolder, 'corpus');

/**
 * Installs the packages whose documentation is read, when they are not there: about 400 MB of which 16 MB are read.
 * Without them the benchmarks run on what is in the repository's own `node_modules`, stretched.
 */
export function ensureCorpus(progress: Progress): void {
  if (existsSync(join(corpusFolder, 'node_modules'))) return;
  progress.say('Installing the documentation to measure with, once: npm install --prefix bench/corpus');
  // Not `npm ci`, which wants the lock file to name the binaries of all platforms, none of which is needed.
  const { status } = spawnSync('npm', ['install', '--no-save'], {
    cwd: corpusFolder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) {
    progress.say(
      'That failed: going on with the documentation of fewer packages, stretched by recombining it.',
    );
  }
}
