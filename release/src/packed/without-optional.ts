import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { commandCheck } from './checks.js';
import { LEGACY_DRIVERS, refuseLegacyStores } from './legacy/legacy-check.js'; // @legacy
import { ownRuntime } from './runtimes.js';

/**
 * Checks that nothing native has to be compiled for a libSQL store: without the optional packages, the command works.
 */
export async function checkWithoutOptional(project: string, optional: readonly string[]): Promise<string> {
  const native = [
    ...optional,
    ...LEGACY_DRIVERS, // @legacy
  ];
  const present = native.filter((name) => existsSync(join(project, 'node_modules', name)));
  if (present.length > 0) throw new Error(`Installed although optional: ${present.join(', ')}`);
  const folder = join(project, 'runs', 'without-optional');
  mkdirSync(folder, { recursive: true });
  const found = await commandCheck.run(ownRuntime(), project, folder);
  const bin = join(project, 'node_modules', '@switchyard', 'cli', 'bin', 'switchyard.js'); // @legacy
  await refuseLegacyStores(project, folder, bin); // @legacy
  return found;
}
