import { type ChildProcess, spawn } from 'node:child_process';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { run } from '@switchyard/cli';

const binary = fileURLToPath(new URL('../../bin/switchyard.js', import.meta.url));

/** Result of a run of the command. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of a run of the command in this process. */
export interface RunOptions {
  /** Added to an environment without colors, keys and tokens. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Standard input. */
  readonly input?: string | undefined;
}

/** Options of a run of the command in a process of its own. */
export interface ProcessOptions extends RunOptions {
  readonly cwd?: string;
  /** Leaves standard input open and silent. */
  readonly keepStdinOpen?: boolean;
  /** Runs it in a process group of its own, as a terminal does, so that the whole group can be sent a signal. */
  readonly ownGroup?: boolean;
  /** Told of the process as soon as it runs. */
  readonly onStart?: (child: ChildProcess) => void;
}

/**
 * Runs the command in this process, without the half second of CPU time that Node.js takes to load it. For tests of what
 * a command does; those of signals, pipes, the working folder and the process itself use {@link switchyardProcess}.
 */
export async function switchyard(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const stdout = new TextStream();
  const stderr = new TextStream();
  const code = await run({
    args,
    env: environment(options),
    stdin: Readable.from(options.input === undefined ? [] : [Buffer.from(options.input)]),
    stdout,
    stderr,
    signal: new AbortController().signal,
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/** Collects what is written, as a pipe does. */
class TextStream extends Writable {
  text = '';

  override _write(chunk: Buffer | string, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

function environment({ env }: RunOptions): Record<string, string | undefined> {
  return { PATH: process.env.PATH, ...env };
}

/** Runs the real command in a process of its own. */
export function switchyardProcess(args: readonly string[], options: ProcessOptions = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [binary, ...args], {
      cwd: options.cwd,
      env: environment(options),
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

/** Runs the command, in a process of its own if in another folder. It must succeed; returns what it prints with `--json`. */
export async function switchyardJson(
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<unknown> {
  const runs = options.cwd === undefined ? switchyard : switchyardProcess;
  const { code, stdout, stderr } = await runs([...args, '--json'], options);
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
