import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { npm } from '../npm.js';
import type { Tarball } from '../pack.js';
import { entryPoints } from '../packages.js';

/**
 * Makes a project without dependencies: the programs of `release/consumer`, and the list of entry points they import.
 *
 * @param root Root of the repository.
 */
export function createProject(root: string, folder: string, tarballs: readonly Tarball[]): void {
  cpSync(join(root, 'release', 'consumer'), folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const entries = tarballs.flatMap(({ manifest }) => entryPoints(manifest));
  writeFileSync(join(folder, 'entries.json'), JSON.stringify(entries));
  const imports = entries.map((entry, index) => `export * as entry${index} from '${entry}';\n`);
  writeFileSync(join(folder, 'entries.ts'), imports.join(''));
}

/**
 * Installs tarballs with npm, from its cache where possible, and without running any install script.
 *
 * @param more Further options of `npm install`.
 */
export async function installTarballs(
  folder: string,
  tarballs: readonly Tarball[],
  more: readonly string[] = [],
): Promise<void> {
  const options = ['--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts', ...more];
  const { command, args } = npm(['install', ...options, ...tarballs.map(({ file }) => file)]);
  await promisify(execFile)(command, args, { cwd: folder, maxBuffer: 2 ** 24 });
}

/** Links what a consumer has beside the packages (types of Node.js, an optional test runner) from the repository. */
export function linkTools(root: string, folder: string, tarballs: readonly Tarball[]): void {
  const own = tarballs.map(({ manifest }) => manifest.name);
  for (const name of ['@types/node', ...optionalPeers(tarballs)]) {
    if (!own.includes(name)) link(root, folder, name);
  }
}

/** Returns the names of packages that some of these packages can use but do not need. */
export function optionalPeers(tarballs: readonly Tarball[]): readonly string[] {
  const names = tarballs.flatMap(({ manifest }) =>
    Object.entries(manifest.peerDependenciesMeta ?? {})
      .filter(([, { optional }]) => optional)
      .map(([name]) => name),
  );
  return [...new Set(names)];
}

function link(root: string, folder: string, name: string): void {
  const target = join(folder, 'node_modules', name);
  if (existsSync(target)) return;
  mkdirSync(join(target, '..'), { recursive: true });
  symlinkSync(join(root, 'node_modules', name), target, 'junction');
}
