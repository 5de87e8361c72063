import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { npm } from '../../npm.js';
import { type Check, consumer, program } from '../checks.js';
import { ownRuntime, type Runtime } from '../runtimes.js';
import { copyAddon, versionOf } from './addon.js';

const exec = promisify(execFile);

/** The legacy store, once {@link provideAddon} has provided the binary of better-sqlite3. */
export const legacyCheck: Check = consumer('legacy store', 'store.legacy.mjs');

/**
 * Provides better-sqlite3 with a binary that `--ignore-scripts` allows. Version 13, for Node.js 22 and later, contains
 * one; version 12, which npm picks on Node.js 20, takes the one that was built in the repository.
 */
export async function provideAddon(root: string, project: string, runtime: Runtime): Promise<void> {
  if (runtime.isOwn) copyAddon(root, project);
  else if (!versionOf(join(project, 'node_modules', 'better-sqlite3')).startsWith('13.')) {
    const { command, args } = npm(['install', '--no-save', '--ignore-scripts', 'better-sqlite3@13']);
    await exec(command, args, { cwd: project });
  }
}

/** Packages from npm that an installation without optional packages must not contain. */
export const LEGACY_DRIVERS: readonly string[] = ['better-sqlite3', 'sqlite-vec'];

/** Checks that both the command and `openStore` refuse a legacy store with the command that installs what is missing. */
export async function refuseLegacyStores(project: string, folder: string, bin: string): Promise<void> {
  const refusal = await program(ownRuntime(), folder, bin, ['inspect', 'sqlite-vec:legacy.db']).then(
    () => '',
    ({ stderr }: { stderr: string }) => stderr,
  );
  if (!refusal.includes('@switchyard/backend-sqlite-vec')) {
    throw new Error(`A legacy store without its package: ${refusal || 'no error'}`);
  }
  await program(ownRuntime(), folder, join(project, 'refused.legacy.mjs'), []);
}
