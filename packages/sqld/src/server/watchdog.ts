import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Reads process ids, one per line; each replaces the previous one, and 0 means none. Input ends when the process at the
 * other end is gone, for whatever reason; the script then kills the last pid and removes the folder.
 */
const script = `
pid=0
while read -r line; do pid=$line; done
if [ "$pid" -gt 0 ]; then kill -9 "$pid" 2>/dev/null; fi
if [ -n "$1" ]; then rm -rf -- "$1"; fi
`;

/**
 * Ends a server when this process ends, even if this process is killed outright: the kernel then closes this end of a
 * pipe that a small shell reads.
 */
export class Watchdog {
  readonly #shell: ChildProcess;

  /** @param directory Folder to remove at the end; null for none. */
  constructor(directory: string | null) {
    // Detached: Ctrl-C in a terminal signals the whole process group and must not kill the watchdog.
    this.#shell = spawn('/bin/sh', ['-c', script, 'sqld-watchdog', directory ?? ''], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    this.#shell.unref();
    // A broken pipe means that the watchdog is gone; only stop() ends the server then.
    this.#shell.stdin?.on('error', () => this.dismiss());
    this.#shell.on('error', () => this.dismiss());
    const { stdin } = this.#shell;
    if (stdin !== null && 'unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
  }

  /** Sets the process to watch; null for none. */
  watch(pid: number | null): void {
    this.#shell.stdin?.write(`${pid ?? 0}\n`);
  }

  /** Ends the watchdog without killing or removing anything. */
  dismiss(): void {
    this.#shell.kill('SIGKILL');
  }
}
