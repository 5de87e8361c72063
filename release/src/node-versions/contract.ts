import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Runtime } from '../packed/runtimes.js';

/** One row of the table: contract tests of a backend in one installation. */
export interface Run {
  /** Folder of the project with the installation. */
  readonly project: string;
  /** Package, export with the definition, and prefix of connection strings. */
  readonly backend: readonly [string, string, string];
  /** Options of the connection string, with the question mark. */
  readonly options: string;
  /** Groups of contract tests; empty for all. */
  readonly groups: readonly string[];
}

/** A row of the table, before it is run. */
export interface Row extends Run {
  readonly title: string;
}

/** Returns the version of an installed package. */
export function versionOf(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
}

/** Counts of a run, or the reason why there are none. */
export type Outcome =
  | {
      readonly type: 'counted';
      readonly passed: number;
      readonly skipped: number;
      readonly failed: readonly string[];
    }
  | { readonly type: 'broken'; readonly reason: string };

/** Generous, because machines may be busy; a run that hangs must end all the same. */
const TIMEOUT_MS = 1_200_000;

/** Runs contract tests on a runtime. Never throws. */
export async function runContract(
  { project, backend, options, groups }: Run,
  runtime: Runtime,
): Promise<Outcome> {
  const cwd = join(project, 'runs');
  mkdirSync(cwd, { recursive: true });
  const args = [...runtime.args, join(project, 'contract.mjs'), ...backend, options, groups.join(',')];
  try {
    const { stdout } = await promisify(execFile)(runtime.command, args, {
      cwd,
      timeout: TIMEOUT_MS,
      maxBuffer: 2 ** 26,
    });
    const { passed, skipped, failures } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as {
      readonly passed: number;
      readonly skipped: number;
      readonly failures: readonly { readonly id: string; readonly message: string }[];
    };
    // A driver that does not load fails every test that opens a store, for the same reason.
    const reason = passed < failures.length ? commonReason(failures.map(({ message }) => message)) : null;
    if (reason !== null) return { type: 'broken', reason };
    return { type: 'counted', passed, skipped, failed: failures.map(({ id }) => id) };
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    const line = stderr.split('\n').find((one) => /Error:/.test(one)) ?? message.split('\n')[0] ?? '';
    return { type: 'broken', reason: line.trim() };
  }
}

/** Returns the most frequent message. */
function commonReason(messages: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const message of messages) {
    const [line = ''] = message.split('\n');
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}
