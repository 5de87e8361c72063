import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';

const children = new Set<ChildProcess>();
const stopped = new Set<number>();

process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  // Descendants of a killed child exit on their own, unless they are stopped.
  for (const pid of stopped) {
    try {
      process.kill(pid, 'SIGCONT');
    } catch {
      // It has already exited.
    }
  }
});

/** Starts a Node program that does not outlive this process. The caller collects its output. */
export function forkChild(program: string): ChildProcess {
  const options: ForkOptions = { serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc'] };
  const child = fork(program, [], options);
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** Records processes that were stopped by a signal, so that they resume when this process exits. */
export function rememberStopped(pid: number): void {
  stopped.add(pid);
}

export function forgetStopped(pid: number): void {
  stopped.delete(pid);
}
