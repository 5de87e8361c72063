import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { expect } from 'vitest';

/** Measures, on a thread that does nothing else, how long the machine keeps such a thread waiting. */
const IDLE_THREAD = `
  const { parentPort } = require('node:worker_threads');
  const { monitorEventLoopDelay } = require('node:perf_hooks');
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  parentPort.on('message', () => {
    parentPort.postMessage(delay.max);
    delay.reset();
  });`;

/**
 * Calls that must fail, measured: each by its deadline, and without holding the event loop of this process. The bounds
 * are wide, for machines that are busy; the figures themselves are printed at the end, beside those of a thread that
 * had nothing to do, so that what the machine did can be told from what the calls did.
 */
export class InTime {
  readonly #patienceMs: number;
  readonly #figures: string[] = [];
  readonly #idle = new Worker(IDLE_THREAD, { eval: true });

  /** @param patienceMs The deadline that the calls are given. */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
    this.#idle.unref();
  }

  /** Error of the call. */
  async fails(what: string, call: () => Promise<unknown>): Promise<unknown> {
    await this.#idleHold();
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const began = performance.now();
    const error = await call().then(
      () => null,
      (reason: unknown) => reason,
    );
    const took = performance.now() - began;
    delay.disable();
    const held = delay.max / 1e6;
    const idle = await this.#idleHold();
    this.#figures.push(`${what}: ${Math.round(held)} ms (idle thread: ${Math.round(idle)} ms)`);
    expect(error, what).not.toBeNull();
    // The deadline itself, and an allowance for processes that have to be started and killed.
    expect(took, what).toBeLessThan(this.#patienceMs + 3_000);
    expect(held, `${what}: the event loop was blocked, in milliseconds`).toBeLessThan(
      this.#patienceMs / 6 + idle,
    );
    return error;
  }

  /** Prints how long the event loop was held, at most, in each of the calls. */
  async end(): Promise<void> {
    await this.#idle.terminate();
    console.log(`Longest hold of the event loop\n  ${this.#figures.join('\n  ')}`);
  }

  /** The longest wait of the idle thread since this was asked last, in milliseconds. */
  async #idleHold(): Promise<number> {
    this.#idle.postMessage(null);
    const [nanoseconds] = (await once(this.#idle, 'message')) as [number];
    return nanoseconds / 1e6;
  }
}
