import { type ChildProcess, spawn } from 'node:child_process';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { standsStill } from './stands-still.js';

const LOG_SIZE = 16 * 1024;
const SHUTDOWN_MS = 3_000;
const PAUSE_MS = 10_000;

/** One run of the binary: from its start until it has answered, and to its end. */
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
        this.#log = (this.#log + text).slice(-LOG_SIZE);
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

  /** Waits until the server answers. @throws Error with what it printed when it ends or stays silent. */
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
    await sleep(20); // what it printed last may still be in the pipe
    const how =
      this.#failure?.message ?? `with ${this.#child.signalCode ?? `exit code ${this.#child.exitCode}`}`;
    throw new Error(`sqld ended before it answered: ${how}.\n${this.#log}`, { cause: this.#failure });
  }

  /** A server that runs is no reason for this process to stay alive: the watchdog ends it. */
  #unref(): void {
    this.#child.unref();
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream !== null && 'unref' in stream && typeof stream.unref === 'function') stream.unref();
    }
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.#hasEnded) this.#child.kill(signal);
  }

  /** Stops it where it is, until SIGCONT. Resolves when none of its threads runs any more. */
  async pause(): Promise<void> {
    this.signal('SIGSTOP');
    const deadline = Date.now() + PAUSE_MS;
    // The signal is only on its way: on a busy machine, threads may answer for some time yet.
    while (this.pid !== null && !(await standsStill(this.pid))) {
      if (Date.now() > deadline)
        throw new Error(`sqld did not stand still within ${PAUSE_MS} ms of SIGSTOP.`);
      await sleep(5);
    }
  }

  /** Asks it to end, and makes it end when it does not. */
  async shutDown(): Promise<void> {
    if (this.#hasEnded) return;
    this.#child.ref();
    this.signal('SIGCONT');
    this.signal('SIGTERM');
    const patience = new AbortController();
    await Promise.race([
      this.#ended,
      sleep(SHUTDOWN_MS, undefined, { signal: patience.signal }).catch(() => undefined), // cancelled below
    ]);
    patience.abort();
    await this.kill();
  }

  async kill(): Promise<void> {
    this.#child.ref();
    this.signal('SIGKILL');
    await this.#ended;
  }
}

/** Whether anything speaks HTTP there; a refusal for want of a token counts. */
function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    // No agent: a connection that is kept open would hold up an orderly shutdown.
    const request = get(`${url}/health`, { agent: false, timeout: 1_000 }, (response) => {
      response.resume();
      resolve(true);
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', () => resolve(false)); // not listening yet
  });
}
