import { isStorageError, onAbort, StorageError } from '@switchyard/storage-core';
import type { OpenedMessage } from '../protocol/messages.js';
import type { Call } from './call.js';
import type { Launch } from './launch.js';
import { Slot, type SlotOwner } from './slot.js';
import { type Alarm, alarmAt } from './timer.js';

/** What starting a process and opening a healthy store may take on a busy machine, in milliseconds. */
const SHORTEST_OPENING_MS = 5_000;

/**
 * A queue of calls and the child processes that serve it. The first child that is free takes the next call, so one
 * that hangs holds up nothing but the call it hangs in, as long as there is another.
 */
export class Lane implements SlotOwner {
  readonly #launch: Launch;
  readonly #check: (opened: OpenedMessage) => void;
  readonly #slots: readonly Slot[];
  #queue: Call[] = [];
  #wakeUp: Alarm | null = null;
  #lost: StorageError | null = null;

  constructor(launch: Launch, size: number, check: (opened: OpenedMessage) => void) {
    this.#launch = launch;
    this.#check = check;
    this.#slots = Array.from({ length: size }, () => new Slot(launch, this));
  }

  /** The process ids of the children that run. */
  get pids(): readonly number[] {
    return this.#slots.map(({ pid }) => pid).filter((pid) => pid !== null);
  }

  /** Starts all children. When one fails, all are ended and the failure is thrown. */
  async open(deadline: number, signal: AbortSignal | undefined): Promise<void> {
    const stop = () => {
      for (const slot of this.#slots) slot.stopOpening();
    };
    const stopListening = onAbort(signal, stop);
    try {
      const starts = await Promise.allSettled(this.#slots.map((slot) => slot.start(deadline)));
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
    this.ready();
  }

  /** The caller of the call has been told that it need not wait. */
  givenUp(call: Call): void {
    if (this.#slots.some((slot) => slot.givenUp(call))) return;
    this.#queue = this.#queue.filter((queued) => queued !== call);
    // A backend that hangs in its opening is not kept for calls that come later: the store may be back by then.
    if (this.#queue.length === 0) for (const slot of this.#slots) slot.stopOpening();
  }

  again(call: Call): void {
    this.#queue.unshift(call);
  }

  check(opened: OpenedMessage): void {
    this.#check(opened);
  }

  lost(error: StorageError): void {
    this.#lost = new StorageError(
      'STORAGE_CRASHED',
      `${error.message} The store was in its memory only and is gone: close() and open() begin an empty one.`,
      { backend: error.backend, retryable: false, details: error.details, cause: error.cause },
    );
  }

  ready(): void {
    if (this.#lost !== null) this.#failQueue(this.#lost);
    while (this.#queue.length > 0) {
      const call = this.#queue[0] as Call;
      const slot = this.#slots
        .filter((candidate) => candidate.accepts(call))
        .reduce<Slot | null>((best, next) => (best === null || next.load < best.load ? next : best), null);
      if (slot === null) break;
      this.#queue.shift();
      slot.give(call);
    }
    if (this.#queue.length > 0) this.#startMore();
  }

  async close(timeoutMs: number): Promise<void> {
    this.#wakeUp?.cancel();
    const deadline = Date.now() + timeoutMs;
    const closings = await Promise.allSettled(this.#slots.map((slot) => slot.close(deadline)));
    const failed = closings.find((closing) => closing.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  #startMore(): void {
    const now = Date.now();
    const waiting = this.#slots.filter(({ notBefore, state }) => notBefore > now && state !== 'closed');
    const absent = this.#slots.filter(({ notBefore, state }) => state === 'absent' && notBefore <= now);
    const opening = this.#slots.filter(({ state }) => state === 'opening').length;
    for (const slot of absent.slice(0, Math.max(0, this.#queue.length - opening))) void this.#start(slot);
    if (waiting.length > 0) {
      this.#wakeUp?.cancel();
      this.#wakeUp = alarmAt(Math.min(...waiting.map(({ notBefore }) => notBefore)), false, () =>
        this.ready(),
      );
    }
  }

  async #start(slot: Slot): Promise<void> {
    const { openTimeoutMs, attemptTimeoutMs, attempts } = this.#launch.settings;
    try {
      const patience = Math.min(openTimeoutMs, Math.max(attemptTimeoutMs, SHORTEST_OPENING_MS));
      await slot.start(Date.now() + patience);
    } catch (error) {
      const others = this.#slots.some(({ state }) => state === 'ready' || state === 'opening');
      const final = !isTransient(error) || slot.failures >= attempts;
      if (final && !others) this.#failQueue(error);
      else if (isStorageError(error, 'STORAGE_UNREACHABLE'))
        for (const call of this.#queue) call.failedFor(error);
    }
    this.ready();
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
