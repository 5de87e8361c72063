import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Reads process ids, one a line, each in place of the one before (0 for none). At the end of its input, which comes
 * when the process that holds the other end has gone, however it went, it kills the last one and removes the folder.
 */
const script = `
pid=0
while read -r line; do pid=$line; done
if [ "$pid" -gt 0 ]; then kill -9 "$pid" 2>/dev/null; fi
if [ -n "$1" ]; then rm -rf -- "$1"; fi
`;

/**
 * Sees to it that a server does not outlive this process, not even when this process is killed outright: nothing of
 * ours runs then, but the kernel closes our end of a pipe that a small shell reads.
 */
export class Watchdog {
  readonly #shell: ChildProcess;

  /** @param directory What is removed in the end; null for nothing. */
  constructor(directory: string | null) {
    // Detached: a Ctrl-C in the terminal goes to the whole process group and must not take the watchdog with it.
    this.#shell = spawn('/bin/sh', ['-c', script, 'sqld-watchdog', directory ?? ''], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    this.#shell.unref();
    // A pipe that breaks means the watchdog is gone; the server is then stopped by stop() alone.
    this.#shell.stdin?.on('error', () => this.dismiss());
    this.#shell.on('error', () => this.dismiss());
    const { stdin } = this.#shell;
    if (stdin !== null && 'unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
  }

  /** From now on this process is watched; null for none. */
  watch(pid: number | null): void {
    this.#shell.stdin?.write(`${pid ?? 0}\n`);
  }

  /** Ends it without effect. */
  dismiss(): void {
    this.#shell.kill('SIGKILL');
  }
}
