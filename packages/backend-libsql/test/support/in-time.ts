import { monitorEventLoopDelay } from 'node:perf_hooks';
import { expect } from 'vitest';

/**
 * Calls that must fail, measured: each by its deadline, and without holding the event loop of this process. The bounds
 * are wide, for machines that are busy; the figures themselves are printed at the end.
 */
export class InTime {
  readonly #patienceMs: number;
  readonly #longest = new Map<string, number>();

  /** @param patienceMs The deadline that the calls are given. */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** What the call failed with. */
  async fails(what: string, call: () => Promise<unknown>): Promise<unknown> {
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
    this.#longest.set(what, Math.round(held));
    expect(error, what).not.toBeNull();
    // The deadline itself, and an allowance for processes that have to be started and killed.
    expect(took, what).toBeLessThan(this.#patienceMs + 3_000);
    expect(held, `${what}: the event loop was held for so many milliseconds`).toBeLessThan(
      this.#patienceMs / 10,
    );
    return error;
  }

  /** Prints how long the event loop was held, at most, in each of the calls. */
  print(): void {
    const figures = [...this.#longest].map(([what, ms]) => `${what}: ${ms} ms`);
    console.log(`Longest hold of the event loop\n  ${figures.join('\n  ')}`);
  }
}
