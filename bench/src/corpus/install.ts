import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Progress } from '../harness/progress.js';

/** The `bench` folder of the repository. */
export const benchFolder = fileURLToPath(new URL('../../', import.meta.url));

/** Root folder of the repository. */
export const rootFolder = join(benchFolder, '..');

/** Folder in which the packages with documentation are installed. */
export const corpusFolder = join(benchFolder, 'corpus');

/**
 * Installs the packages with documentation if they are missing: about 400 MB, of which 16 MB are read. Without them,
 * the benchmarks use the documentation in the repository's own `node_modules`, extended by recombination.
 */
export function ensureCorpus(progress: Progress): void {
  if (existsSync(join(corpusFolder, 'node_modules'))) return;
  progress.say('Installing the documentation to measure with, once: npm install --prefix bench/corpus');
  // Not `npm ci`, which requires the lock file to list the binaries of all platforms, none of which is needed.
  const { status } = spawnSync('npm', ['install', '--no-save'], {
    cwd: corpusFolder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) {
    progress.say(
      'Installation failed: continuing with the documentation of fewer packages, extended by recombination.',
    );
  }
}
