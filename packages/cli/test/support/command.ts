import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const binary = fileURLToPath(new URL('../../bin/switchyard.js', import.meta.url));

/** Result of a run of the command. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of a run of the command. */
export interface RunOptions {
  readonly cwd?: string;
  /** Added to an environment without colors, keys and tokens. */
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input. */
  readonly input?: string;
  /** Leaves standard input open and silent. */
  readonly keepStdinOpen?: boolean;
  /** Runs it in a process group of its own, as a terminal does, so that the whole group can be sent a signal. */
  readonly ownGroup?: boolean;
  /** Told of the process as soon as it runs. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** Runs the real command in a process of its own. */
export function switchyard(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [binary, ...args], {
      cwd: options.cwd,
      env: { PATH: process.env.PATH, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: options.ownGroup === true,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    // The command may end before it has read everything.
    child.stdin.on('error', () => undefined);
    if (options.keepStdinOpen !== true) child.stdin.end(options.input ?? '');
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    options.onStart?.(child);
  });
}

/** Runs the command, which must succeed, and gives what it printed with `--json`. */
export async function switchyardJson(args: readonly string[], options?: RunOptions): Promise<unknown> {
  const { code, stdout, stderr } = await switchyard([...args, '--json'], options);
  if (code !== 0) throw new Error(`switchyard ${args[0]} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as unknown;
}

/** The lines of JSON in a text. */
export function jsonLines(text: string): unknown[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}
