import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { execPath, platform } from 'node:process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../child/main.js', import.meta.url));
/** Milliseconds to wait for the rest of standard error after a child has ended. */
const STDERR_DRAIN_MS = 500;

/**
 * Puts children in their own process group. Ctrl-C in a terminal signals the whole group, and a starting child cannot
 * ignore the signal yet. On Windows, `detached` would open a window instead.
 */
export const ownGroup: boolean = platform !== 'win32';

/** Exit status of a child. */
export interface ChildEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Reason the child could not be started; null if it started. */
  readonly failure: string | null;
}

/** A child process, started here or by the launcher. Does not keep this process alive. */
export interface Spawned {
  /** Null if the child has not started yet or could not be started. */
  readonly pid: number | null;
  /** Pipe to the child; null if it could not be started. */
  readonly pipe: Promise<Socket | null>;
  readonly ended: Promise<ChildEnd>;
  /** True if the launcher started the child; it then ends with the launcher. */
  readonly isLaunched: boolean;
  kill(): void;
}

/** Arguments and environment of a child. */
export interface SpawnRequest {
  /** Node.js command-line options. */
  readonly execArgv: readonly string[];
  /** The complete environment. Tokens are sent over the pipe instead, where other processes cannot list them. */
  readonly env: Readonly<Record<string, string>>;
}

/** Starts a child. Blocks the event loop while the process is forked. */
export function spawnChild(
  { execArgv, env }: SpawnRequest,
  onStderr: (text: string) => void,
  main: string = program,
): Spawned {
  const child = spawn(execPath, [...execArgv, main], {
    env,
    // 3 is the channel; 4 is the lifeline, a pipe that closes when this process is gone.
    stdio: ['ignore', 'inherit', 'pipe', 'pipe', 'pipe'],
    detached: ownGroup,
  });
  child.unref();
  // Despite the types, there are no pipes if file descriptors have run out.
  const pipes = (child.stdio ?? []) as unknown as (Socket | null)[];
  const [, , stderr, pipe, lifeline] = pipes;
  for (const socket of [stderr, pipe, lifeline]) socket?.unref();
  lifeline?.on('error', () => undefined); // breaks when the child ends; 'exit' below handles that
  stderr?.setEncoding('utf8').on('data', onStderr);
  const printed = new Promise<void>((resolve) => stderr?.once('close', resolve));
  return {
    pid: child.pid ?? null,
    pipe: Promise.resolve(child.pid === undefined ? null : (pipe ?? null)),
    ended: new Promise((resolve) => {
      child.once('error', ({ message }) => {
        if (child.pid === undefined) resolve({ exitCode: null, signal: null, failure: message });
      });
      child.once('exit', (exitCode, signal) => {
        const finish = () => resolve({ exitCode, signal, failure: null });
        // A process started by the child may hold its standard error open.
        void printed.then(finish);
        setTimeout(finish, STDERR_DRAIN_MS).unref();
      });
    }),
    isLaunched: false,
    kill: () => void child.kill('SIGKILL'),
  };
}
