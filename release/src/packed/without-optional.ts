import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { commandCheck, program } from './checks.js';
import { ownRuntime } from './runtimes.js';

/**
 * Checks that nothing native has to be compiled for a libSQL store: without the optional packages, the command works, and
 * both the command and `openStore` refuse a legacy store with the command that installs what is missing.
 */
export async function checkWithoutOptional(project: string, optional: readonly string[]): Promise<string> {
  const present = [...optional, 'better-sqlite3', 'sqlite-vec'].filter((name) =>
    existsSync(join(project, 'node_modules', name)),
  );
  if (present.length > 0) throw new Error(`Installed although optional: ${present.join(', ')}`);
  const folder = join(project, 'runs', 'without-optional');
  mkdirSync(folder, { recursive: true });
  const found = await commandCheck.run(ownRuntime(), project, folder);
  const bin = join(project, 'node_modules', '@switchyard', 'cli', 'bin', 'switchyard.js');
  const refusal = await program(ownRuntime(), folder, bin, ['inspect', 'sqlite-vec:legacy.db']).then(
    () => '',
    ({ stderr }: { stderr: string }) => stderr,
  );
  if (!refusal.includes('@switchyard/backend-sqlite-vec')) {
    throw new Error(`A legacy store without its package: ${refusal || 'no error'}`);
  }
  await program(ownRuntime(), folder, join(project, 'refused.mjs'), []);
  return `${found}, legacy stores refused`;
}
