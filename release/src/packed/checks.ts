import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import type { Runtime } from './runtimes.js';

/** One thing that must work in a project with the tarballs installed. */
export interface Check {
  readonly name: string;
  /**
   * Returns what was found, for the report; throws if it does not work.
   *
   * @param project Folder of the project.
   * @param folder Empty folder in it, the working directory of the check.
   */
  run(runtime: Runtime, project: string, folder: string): Promise<string>;
}

/** Generous, because machines may be busy; a check that hangs must end all the same. */
const TIMEOUT_MS = 300_000;

const exec = promisify(execFile);

/** Runs a script and returns what it printed. */
export async function program(
  runtime: Runtime,
  cwd: string,
  script: string,
  args: readonly string[] = [],
): Promise<string> {
  const { stdout } = await exec(runtime.command, [...runtime.args, script, ...args], {
    cwd,
    timeout: TIMEOUT_MS,
  });
  return stdout.trim();
}

/** A program of `release/consumer`, which says what it did in one line. */
export function consumer(name: string, file: string): Check {
  return { name, run: (runtime, project, folder) => program(runtime, folder, join(project, file)) };
}

/**
 * Type-checks the consumer, without `skipLibCheck`, under both module resolutions that read `exports`. Needs no runtime
 * of its own.
 */
export async function checkTypes(root: string, project: string): Promise<string> {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const resolutions = ['node16', 'bundler'] as const;
  for (const moduleResolution of resolutions) {
    const config = {
      compilerOptions: {
        target: 'es2022',
        lib: ['es2023', 'esnext.disposable'],
        types: ['node'],
        module: moduleResolution === 'bundler' ? 'esnext' : 'node16',
        moduleResolution,
        strict: true,
        exactOptionalPropertyTypes: true,
        noEmit: true,
        skipLibCheck: false,
      },
      include: ['*.ts'],
    };
    const file = join(project, `tsconfig.${moduleResolution}.json`);
    writeFileSync(file, JSON.stringify(config));
    const complaints = await exec(execPath, [compiler, '-p', file], {
      cwd: project,
      timeout: TIMEOUT_MS,
    }).then(
      () => [],
      ({ stdout, message }: { stdout?: string; message: string }) => (stdout || message).split('\n'),
    );
    // Declarations of others do not all bear these settings, which their users switch off with `skipLibCheck`.
    const ours = complaints.filter(
      (line) => /^\S/.test(line) && !/^node_modules\/(?!@switchyard\/)/.test(line),
    );
    if (ours.length > 0) throw new Error(ours.join('\n'));
  }
  return resolutions.join(', ');
}

/** The `switchyard` command: version, index, search. */
export const commandCheck: Check = {
  name: 'command',
  async run(runtime, project, folder) {
    const bin = join(project, 'node_modules', '@switchyard', 'cli', 'bin', 'switchyard.js');
    const switchyard = (...args: readonly string[]) => program(runtime, folder, bin, args);
    mkdirSync(join(folder, 'docs'));
    writeFileSync(join(folder, 'docs', 'routes.md'), '# Routes\n\nDeclare a route with a handler.\n');
    await switchyard(
      'index',
      './docs',
      '--library',
      'my-lib@1.0.0',
      '--store',
      'docs.db',
      '--embedder',
      'none',
    );
    const found = await switchyard('search', 'docs.db', 'my-lib@1.0.0', 'a route', '--fts-only', '--json');
    if (!found.includes('routes.md')) throw new Error(`The search printed ${found}`);
    return `switchyard ${await switchyard('--version')}`;
  },
};

/** A short part of the contract; `npm run test:node-versions` runs all of it. */
const contractCheck: Check = {
  name: 'contract',
  async run(runtime, project, folder) {
    const backend = ['@switchyard/backend-libsql', 'libsqlBackend', 'file:'];
    const args = [...backend, '', 'lifecycle,atomicity,persistence'];
    const printed = await program(runtime, folder, join(project, 'contract.mjs'), args);
    const { passed, failures } = JSON.parse(printed.split('\n').at(-1) ?? '') as {
      readonly passed: number;
      readonly failures: readonly { readonly id: string }[];
    };
    if (failures.length > 0) throw new Error(failures.map(({ id }) => id).join(', '));
    return `${passed} contract tests`;
  },
};

/** Checks that take a second or two each. */
export const quickChecks: readonly Check[] = [
  consumer('entry points', 'entries.mjs'),
  consumer('local store', 'store.mjs'),
  consumer('child process', 'isolated.mjs'),
  commandCheck,
  contractCheck,
];

/** The offline model. */
export const modelCheck: Check = consumer('offline model', 'offline.mjs');
