import { type CallOptions, StorageError } from '@switchyard/storage-core';
import { otherSide, type Side } from '../machine/sides.js';
import { type Logs, runTask } from './run-task.js';

/** Shortest and longest time in milliseconds before a drain that failed is tried again. */
const BACKOFF_MS = { min: 100, max: 30_000 };

/**
 * Drains of libraries in the background. A write asks for one after it was answered; one that fails is repeated with
 * backoff, and never concerns the caller.
 */
export class Drains {
  readonly #logs: Logs;
  readonly #running = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #failures = new Map<string, number>();
  #isClosed = false;

  constructor(logs: Logs) {
    this.#logs = logs;
  }

  /** Delivers in the background what a side has logged of a library. */
  request(library: string, from: Side): void {
    if (this.#isClosed) return;
    const key = `${from} ${library}`;
    if (this.#running.has(key)) {
      this.#again.add(key);
      return;
    }
    const run = this.drain(library, from).then(
      () => this.#succeeded(key),
      () => this.#failed(key, library, from),
    );
    this.#running.set(
      key,
      run.then(() => {
        this.#running.delete(key);
        if (this.#again.delete(key)) this.request(library, from);
      }),
    );
  }

  /**
   * Delivers what a side has logged of a library until its log is clean, or the drains are closed.
   *
   * @throws StorageError if a store cannot be reached; `STORAGE_BUSY` if the other side refuses what is put there, as while
   * the library moves.
   */
  async drain(library: string, from: Side, options?: CallOptions): Promise<void> {
    // What the other side has seen of this log tells whether its end was lost.
    const seen = await this.#logs[otherSide(from)].readLast(library, options);
    const task = { kind: 'drain', library, from, state: { at: 'take', seen } } as const;
    const { answer } = await runTask(this.#logs, task, {
      options,
      isDone: ({ kind }) => kind === 'clean' || kind === 'refused',
      isStopped: () => this.#isClosed,
    });
    if (answer?.kind !== 'refused') return;
    throw new StorageError(
      'STORAGE_BUSY',
      `The ${otherSide(from)} side refuses changes of the library '${library}' (${answer.reason}): it is being moved, or has moved.`,
      { outcome: 'not-applied', details: { library, reason: answer.reason } },
    );
  }

  /** Ends all drains after the step in hand. What is left is delivered after the next opening. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#again.clear();
    await Promise.all(this.#running.values());
  }

  #succeeded(key: string): void {
    this.#failures.delete(key);
  }

  #failed(key: string, library: string, from: Side): void {
    if (this.#isClosed) return;
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const delay = Math.min(BACKOFF_MS.min * 2 ** failures, BACKOFF_MS.max);
    clearTimeout(this.#timers.get(key));
    this.#timers.set(key, setTimeout(() => this.request(library, from), delay).unref());
  }
}
