import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { execPath, platform } from 'node:process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../child/main.js', import.meta.url));
/** How long after its end what a child printed last is waited for, in milliseconds. */
const STDERR_DRAIN_MS = 500;

/**
 * A Ctrl-C in a terminal goes to all processes of a group. In a group of its own a child is spared also while it
 * starts, when it cannot yet ignore the signal. On Windows, `detached` would open a window instead.
 */
export const ownGroup: boolean = platform !== 'win32';

/** How a child ended. */
export interface ChildEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Why it could not be started; null when it could. */
  readonly failure: string | null;
}

/** A child process that was started, here or by the launcher. It does not keep this process alive. */
export interface Spawned {
  /** Null when it could not be started, or is not yet. */
  readonly pid: number | null;
  /** The pipe to it; null when it could not be started. */
  readonly pipe: Promise<Socket | null>;
  readonly ended: Promise<ChildEnd>;
  /** Whether the launcher started it, and ends it when it ends. */
  readonly isLaunched: boolean;
  kill(): void;
}

/** What a child is started with. */
export interface SpawnRequest {
  /** Options of node. */
  readonly execArgv: readonly string[];
  /** Its whole environment. Tokens go over the pipe, where nobody can list them. */
  readonly env: Readonly<Record<string, string>>;
}

/** Starts a child. Blocks the event loop for as long as `fork` takes. */
export function spawnChild(
  { execArgv, env }: SpawnRequest,
  onStderr: (text: string) => void,
  main: string = program,
): Spawned {
  const child = spawn(execPath, [...execArgv, main], {
    env,
    // 3 is the channel; 4 is a pipe whose closing tells the child that this process is gone.
    stdio: ['ignore', 'inherit', 'pipe', 'pipe', 'pipe'],
    detached: ownGroup,
  });
  child.unref();
  // Without a descriptor left there are no pipes at all, whatever the types say.
  const pipes = (child.stdio ?? []) as unknown as (Socket | null)[];
  const [, , stderr, pipe, lifeline] = pipes;
  for (const socket of [stderr, pipe, lifeline]) socket?.unref();
  lifeline?.on('error', () => undefined); // breaks when the child ends, which is noticed below
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
        // Something that the child started may hold its standard error open.
        void printed.then(finish);
        setTimeout(finish, STDERR_DRAIN_MS).unref();
      });
    }),
    isLaunched: false,
    kill: () => void child.kill('SIGKILL'),
  };
}
