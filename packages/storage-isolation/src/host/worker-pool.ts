import { isStorageError, StorageError } from '@switchyard/storage-core';
import type { OpenedMessage } from '../protocol/messages.js';
import type { Call } from './call.js';
import type { Launch } from './launch.js';
import { type Alarm, alarmAt } from './timer.js';
import { Worker, type WorkerOwner } from './worker.js';

/** What starting a process and opening a healthy store may take on a busy machine, in milliseconds. */
const MIN_OPENING_MS = 5_000;

/**
 * A queue of calls and the child processes that serve it. The first child that is free takes the next call, so one
 * that hangs holds up nothing but the call it hangs in, as long as there is another.
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

  /** The process ids of the children that run. */
  get pids(): readonly number[] {
    return this.#workers.map(({ pid }) => pid).filter((pid) => pid !== null);
  }

  /** Starts all children. When one fails, all are ended and the failure is thrown. */
  async open(deadline: number, signal: AbortSignal | undefined): Promise<void> {
    const stop = () => {
      for (const worker of this.#workers) worker.stopOpening();
    };
    signal?.addEventListener('abort', stop, { once: true });
    try {
      const starts = await Promise.allSettled(this.#workers.map((worker) => worker.start(deadline)));
      const failed = starts.find((start) => start.status === 'rejected');
      if (failed !== undefined) {
        await this.close(0);
        throw failed.reason;
      }
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  submit(call: Call): void {
    if (call.settled) return;
    this.#queue.push(call);
    this.dispatch();
  }

  /** The caller of the call has been told that it need not wait. */
  abandon(call: Call): void {
    if (this.#workers.some((worker) => worker.abandon(call))) return;
    this.#queue = this.#queue.filter((queued) => queued !== call);
    // A backend that hangs in its opening is not kept for calls that come later: the store may be back by then.
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
      `${error.message} The store was in its memory only and is gone: close() and open() begin an empty one.`,
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

/** Whether another attempt to open may go better. */
function isTransient(error: unknown): boolean {
  return (
    error instanceof StorageError &&
    (error.code === 'STORAGE_CRASHED' ||
      error.code === 'STORAGE_UNREACHABLE' ||
      error.code === 'STORAGE_TIMEOUT')
  );
}
