import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';

const children = new Set<ChildProcess>();
const stopped = new Set<number>();

process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  // What is below a killed child ends by itself, unless it stands still.
  for (const pid of stopped) {
    try {
      process.kill(pid, 'SIGCONT');
    } catch {
      // It is gone.
    }
  }
});

/** Starts a Node program that does not outlive this process. What it prints is kept by the caller. */
export function forkChild(program: string): ChildProcess {
  const options: ForkOptions = { serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc'] };
  const child = fork(program, [], options);
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** Remembers processes that were stopped by a signal, so that they go on when this process ends. */
export function rememberStopped(pid: number): void {
  stopped.add(pid);
}

export function forgetStopped(pid: number): void {
  stopped.delete(pid);
}
