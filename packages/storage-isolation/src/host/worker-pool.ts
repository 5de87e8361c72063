import { isStorageError, StorageError } from '@switchyard/storage-core';
import { onAbort } from '@switchyard/storage-core/backend';
import type { OpenedMessage } from '../protocol/messages.js';
import type { Call } from './call.js';
import type { Launch } from './launch.js';
import { type Alarm, alarmAt } from './timer.js';
import { Worker, type WorkerOwner } from './worker.js';

/** Minimum timeout for restarting a worker, in milliseconds: enough to open a healthy store on a busy machine. */
const MIN_OPENING_MS = 5_000;

/**
 * A queue of calls and the workers that serve it. The next call goes to the first free worker, so a worker that hangs
 * delays only the calls it is running, as long as there is another one.
 */
export class WorkerPool implements WorkerOwner {
  readonly #launch: Launch;
  readonly #verify: (opened: OpenedMessage) => void;
  readonly #workers: readonly Worker[];
  #queue: Call[] = [];
  #wakeUp: Alarm | null = null;
  #dataLost: StorageError | null = null;

  constructor(launch: Launch, size: number, verify: (opened: OpenedMessage) => void) {
    this.#launch = launch;
    this.#verify = verify;
    this.#workers = Array.from({ length: size }, () => new Worker(launch, this));
  }

  /** Process ids of the running children. */
  get pids(): readonly number[] {
    return this.#workers.map(({ pid }) => pid).filter((pid) => pid !== null);
  }

  /** Starts all children. If one fails, ends all of them and throws its error. */
  async open(deadline: number, signal: AbortSignal | undefined): Promise<void> {
    const stop = () => {
      for (const worker of this.#workers) worker.stopOpening();
    };
    const stopListening = onAbort(signal, stop);
    try {
      const starts = await Promise.allSettled(this.#workers.map((worker) => worker.start(deadline)));
      const failed = starts.find((start) => start.status === 'rejected');
      if (failed !== undefined) {
        await this.close(0);
        throw failed.reason;
      }
    } finally {
      stopListening();
    }
  }

  submit(call: Call): void {
    if (call.settled) return;
    this.#queue.push(call);
    this.dispatch();
  }

  /** Drops or cancels a call after a deadline or an abort. */
  abandon(call: Call): void {
    if (this.#workers.some((worker) => worker.abandon(call))) return;
    this.#queue = this.#queue.filter((queued) => queued !== call);
    // Later calls must not wait for a backend that hangs while opening: the store may be reachable again by then.
    if (this.#queue.length === 0) for (const worker of this.#workers) worker.stopOpening();
  }

  requeue(call: Call): void {
    this.#queue.unshift(call);
  }

  verify(opened: OpenedMessage): void {
    this.#verify(opened);
  }

  dataLost(error: StorageError): void {
    this.#dataLost = new StorageError(
      'STORAGE_CRASHED',
      `${error.message} The store existed only in its memory and is lost; close() and open() create an empty one.`,
      { backend: error.backend, retryable: false, details: error.details, cause: error.cause },
    );
  }

  dispatch(): void {
    if (this.#dataLost !== null) this.#failQueue(this.#dataLost);
    while (this.#queue.length > 0) {
      const call = this.#queue[0] as Call;
      const worker = this.#workers
        .filter((candidate) => candidate.accepts(call))
        .reduce<Worker | null>((best, next) => (best === null || next.load < best.load ? next : best), null);
      if (worker === null) break;
      this.#queue.shift();
      worker.run(call);
    }
    if (this.#queue.length > 0) this.#startMore();
  }

  async close(timeoutMs: number): Promise<void> {
    this.#wakeUp?.cancel();
    const deadline = Date.now() + timeoutMs;
    const closings = await Promise.allSettled(this.#workers.map((worker) => worker.close(deadline)));
    const failed = closings.find((closing) => closing.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  #startMore(): void {
    const now = Date.now();
    const waiting = this.#workers.filter(({ notBefore, state }) => notBefore > now && state !== 'closed');
    const absent = this.#workers.filter(({ notBefore, state }) => state === 'absent' && notBefore <= now);
    const opening = this.#workers.filter(({ state }) => state === 'opening').length;
    for (const worker of absent.slice(0, Math.max(0, this.#queue.length - opening))) void this.#start(worker);
    if (waiting.length > 0) {
      this.#wakeUp?.cancel();
      this.#wakeUp = alarmAt(Math.min(...waiting.map(({ notBefore }) => notBefore)), false, () =>
        this.dispatch(),
      );
    }
  }

  async #start(worker: Worker): Promise<void> {
    const { openTimeoutMs, attemptTimeoutMs, attempts } = this.#launch.settings;
    try {
      const patience = Math.min(openTimeoutMs, Math.max(attemptTimeoutMs, MIN_OPENING_MS));
      await worker.start(Date.now() + patience);
    } catch (error) {
      const others = this.#workers.some(({ state }) => state === 'ready' || state === 'opening');
      const final = !isTransient(error) || worker.failures >= attempts;
      if (final && !others) this.#failQueue(error);
      else if (isStorageError(error, 'STORAGE_UNREACHABLE'))
        for (const call of this.#queue) call.noteFailure(error);
    }
    this.dispatch();
  }

  #failQueue(error: unknown): void {
    for (const call of this.#queue.splice(0)) {
      call.fail(error instanceof StorageError ? error.with({ outcome: call.outcome }) : error);
    }
  }
}

/** Returns whether opening may succeed on another attempt. */
function isTransient(error: unknown): boolean {
  return (
    error instanceof StorageError &&
    (error.code === 'STORAGE_CRASHED' ||
      error.code === 'STORAGE_UNREACHABLE' ||
      error.code === 'STORAGE_TIMEOUT')
  );
}
