import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { arch, execPath, platform } from 'node:process';
import { npm } from '../npm.js';

/** A JavaScript runtime that executes the checks. */
export interface Runtime {
  /** Name and version, such as `Node 22.21.0`. */
  readonly name: string;
  readonly kind: 'node' | 'bun' | 'deno';
  readonly command: string;
  /** Arguments before the script. */
  readonly args: readonly string[];
  /** True for the one that runs this program, which is also the one that npm installs packages for. */
  readonly isOwn: boolean;
}

/** The Node.js that runs this program. */
export function ownRuntime(): Runtime {
  return { name: `Node ${process.versions.node}`, kind: 'node', command: execPath, args: [], isOwn: true };
}

/**
 * Installs a runtime from npm into a folder.
 *
 * @param spec Major version of Node.js, such as `22`, or `bun` or `deno`.
 */
export function installRuntime(spec: string, folder: string): Runtime {
  const home = join(folder, spec);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), '{ "private": true }');
  if (spec === 'bun' || spec === 'deno') return installOther(spec, home);
  if (!/^\d+$/.test(spec)) throw new TypeError(`'${spec}' is no major version of Node.js, nor bun or deno.`);
  const name = `node-${platform === 'win32' ? 'win' : platform}-${arch}`;
  install(home, `${name}@${spec}`);
  const command = join(home, 'node_modules', name, 'bin', platform === 'win32' ? 'node.exe' : 'node');
  return { name: `Node ${versionOf(command)}`, kind: 'node', command, args: [], isOwn: false };
}

function installOther(kind: 'bun' | 'deno', home: string): Runtime {
  // The binaries are optional dependencies; the install scripts only save a process at each start.
  const [platformPackage, binary] =
    kind === 'bun'
      ? [`@oven/bun-${platform}-${arch}`, 'bin/bun']
      : [`@deno/${platform}-${arch}-glibc`, 'deno'];
  install(home, kind);
  const command = join(home, 'node_modules', platformPackage, binary);
  const args = kind === 'bun' ? [] : ['run', '--allow-all', '--node-modules-dir=manual'];
  return {
    name: `${kind === 'bun' ? 'Bun' : 'Deno'} ${versionOf(command)}`,
    kind,
    command,
    args,
    isOwn: false,
  };
}

function install(home: string, spec: string): void {
  const { command, args } = npm([
    'install',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    '--ignore-scripts',
    spec,
  ]);
  execFileSync(command, args, { cwd: home, stdio: 'pipe' });
}

function versionOf(command: string): string {
  const printed = execFileSync(command, ['--version'], { encoding: 'utf8' });
  return /\d+\.\d+\.\d+/.exec(printed)?.[0] ?? printed.trim();
}
