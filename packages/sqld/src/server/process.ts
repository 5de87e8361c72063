import { type ChildProcess, spawn } from 'node:child_process';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { standsStill } from './stands-still.js';

const MAX_LOG_LENGTH = 16 * 1024;
const SHUTDOWN_TIMEOUT_MS = 3_000;
const PAUSE_TIMEOUT_MS = 10_000;

/** One run of the binary, from start to end. */
export class SqldProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #log = '';
  #failure: Error | null = null;

  constructor(binary: string, args: readonly string[], cwd: string) {
    this.#child = spawn(binary, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', () => resolve());
      this.#child.once('error', (error) => {
        this.#failure = error;
        resolve();
      });
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#log = (this.#log + text).slice(-MAX_LOG_LENGTH);
      });
    }
  }

  get pid(): number | null {
    return this.#hasEnded ? null : (this.#child.pid ?? null);
  }

  get log(): string {
    return this.#log;
  }

  get ended(): Promise<void> {
    return this.#ended;
  }

  get #hasEnded(): boolean {
    return this.#failure !== null || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /**
   * Waits until the server answers.
   *
   * @throws Error with the server's output if it ends or does not answer in time.
   */
  async ready(url: string, timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!this.#hasEnded) {
      if (await answers(url)) {
        this.#unref();
        return;
      }
      if (Date.now() > deadline) {
        throw new Error(`sqld did not answer within ${timeoutMs} ms.\n${this.#log}`);
      }
      await sleep(20);
    }
    await sleep(20); // the last output may still be in the pipe
    const how =
      this.#failure?.message ?? `with ${this.#child.signalCode ?? `exit code ${this.#child.exitCode}`}`;
    throw new Error(`sqld ended before it answered: ${how}.\n${this.#log}`, { cause: this.#failure });
  }

  /** Lets this process exit while the server runs; the watchdog ends the server. */
  #unref(): void {
    this.#child.unref();
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream !== null && 'unref' in stream && typeof stream.unref === 'function') stream.unref();
    }
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.#hasEnded) this.#child.kill(signal);
  }

  /** Pauses the server until SIGCONT. Resolves once all of its threads have stopped. */
  async pause(): Promise<void> {
    this.signal('SIGSTOP');
    const deadline = Date.now() + PAUSE_TIMEOUT_MS;
    // The signal is asynchronous: on a busy machine, threads may keep answering for a while.
    while (this.pid !== null && !(await standsStill(this.pid))) {
      if (Date.now() > deadline)
        throw new Error(`sqld did not stop within ${PAUSE_TIMEOUT_MS} ms of SIGSTOP.`);
      await sleep(5);
    }
  }

  /** Shuts the server down with SIGTERM, then SIGKILL after a timeout. */
  async shutDown(): Promise<void> {
    if (this.#hasEnded) return;
    this.#child.ref();
    this.signal('SIGCONT');
    this.signal('SIGTERM');
    const timeout = new AbortController();
    await Promise.race([
      this.#ended,
      sleep(SHUTDOWN_TIMEOUT_MS, undefined, { signal: timeout.signal }).catch(() => undefined), // cancelled below
    ]);
    timeout.abort();
    await this.kill();
  }

  async kill(): Promise<void> {
    this.#child.ref();
    this.signal('SIGKILL');
    await this.#ended;
  }
}

/** Returns whether an HTTP server answers; a refusal for lack of a token counts as an answer. */
function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    // No agent: a keep-alive connection would delay a graceful shutdown.
    const request = get(`${url}/health`, { agent: false, timeout: 1_000 }, (response) => {
      response.resume();
      resolve(true);
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', () => resolve(false)); // not listening yet
  });
}
